/** The runtimes: generated from runtimes/catalog.toml by `cargo xtask generate`. */

import type { RuntimeData } from "./catalog.js";

export const CATALOG: readonly RuntimeData[] = [
  {
    "files": [
      {
        "bytes": 13343823,
        "name": "python-3.12.0.wasm.gz",
        "original": "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763",
        "role": "module",
        "sha256": "324728b694d0ff4eff1f2e148f28faadb1061a80d6b2b3dbb92d21b0de56f181"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [
          "py"
        ],
        "artefacts": [],
        "extensions": [
          "py"
        ],
        "name": "python",
        "stages": [
          {
            "argv": [
              "python",
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": {
          "argv": [
            "python",
            "/.stepwell"
          ],
          "call": "stepwell_job(b\"{job}\")",
          "env": {
            "PYTHONPATH": "/.stepwell-site"
          },
          "place": "/.stepwell-site/sitecustomize.py",
          "prelude": "# What a warm CPython has done before it is frozen, and how it runs a program afterwards as `python PROGRAM` does.\n#\n# It is imported as `sitecustomize`, so that no Python function is active when the interpreter opens /.stepwell, which is what\n# it runs, and is frozen there: a copy of the evaluation loop would have to be made for it. That file then calls the built-in\n# function `stepwell_job` with the program's path, the number of its arguments, these, and NAME=VALUE for each variable, all\n# ended by NUL.\n#\n# What lies behind that call is done for each program anew, in an interpreter that takes hundreds of steps for an operation:\n# what concerns all modules is left to operations on whole sets and dictionaries.\n\n\ndef warm():\n    import sys\n\n    started = set(sys.modules)\n    import atexit\n    import builtins\n    import gc\n    import io\n    import os\n    import types\n    from _weakref import ref as weakref\n    from importlib.machinery import SourceFileLoader\n    import array, ast, base64, bisect, collections.abc, contextlib, copy, csv, dataclasses, datetime, decimal, enum\n    import fractions, functools, hashlib, heapq, inspect, itertools, json, linecache, math, operator, random, re, statistics\n    import string, struct, textwrap, time, tokenize, traceback, typing, unicodedata\n\n    def exit_code(error):\n        \"\"\"The exit status that a SystemExit asks for; what it says goes to standard error.\"\"\"\n        code = error.code\n        if code is None:\n            return 0\n        if isinstance(code, int):\n            # A C long, cut to an int; both have 32 bits here.\n            return code if -(2**31) <= code < 2**31 else -1\n        failed = None\n        try:\n            say(str(code))\n        except BaseException as other:\n            failed = other.with_traceback(other.__traceback__.tb_next)\n        try:\n            say(\"\\n\")\n            # From 3.12 on it is left over, and shown where the end waits for threads.\n            if failed is not None and sys.version_info >= (3, 12) and \"threading\" not in sys.modules:\n                sys.__excepthook__(type(failed), failed, failed.__traceback__)\n        except BaseException:\n            pass\n        return 1\n\n    def say(text):\n        \"\"\"Writes to standard error, also if that is no object.\"\"\"\n        stream = getattr(sys, \"stderr\", None)\n        if stream is None:\n            os.write(2, text.encode(\"utf-8\", \"backslashreplace\"))\n        else:\n            stream.write(text)\n\n    def report(kind, error, trace):\n        \"\"\"Shows an uncaught exception as the interpreter does: the exit status.\"\"\"\n        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace\n        if sys.version_info >= (3, 12):\n            sys.last_exc = error\n        hook, asked = getattr(sys, \"excepthook\", None), None\n        try:\n            if hook is None:\n                print(\"sys.excepthook is missing\", file=sys.stderr)\n                sys.__excepthook__(kind, error, trace)\n            else:\n                hook(kind, error, trace)\n        except SystemExit as other:\n            asked = other\n        except BaseException as other:\n            print(\"Error in sys.excepthook:\", file=sys.stderr)\n            other = other.with_traceback(other.__traceback__.tb_next)\n            sys.__excepthook__(type(other), other, other.__traceback__)\n            print(\"\\nOriginal exception was:\", file=sys.stderr)\n            sys.__excepthook__(kind, error, trace)\n        return 1 if asked is None else exit_code(asked)\n\n    def run(path, namespace):\n        \"\"\"Runs a program to its end: the exit status.\"\"\"\n        try:\n            with io.open_code(path) as file:\n                source = file.read()\n            code = compile(source, path, \"exec\", dont_inherit=True)\n            del file, source\n            exec(code, namespace)\n            return 0\n        except BaseException as error:\n            caught = error\n        # Outside of the handler, so that an exception of a hook has no context.\n        if isinstance(caught, SystemExit):\n            return exit_code(caught)\n        caught = caught.with_traceback(caught.__traceback__.tb_next)\n        status = report(type(caught), caught, caught.__traceback__)\n        return 130 if isinstance(caught, KeyboardInterrupt) else status\n\n    def ignore(error, thing):\n        \"\"\"Shows an exception that nobody can catch any more.\"\"\"\n        try:\n            print(f\"Exception ignored in: {thing!r}\", file=sys.stderr)\n            sys.__excepthook__(type(error), error.with_traceback(None), None)\n        except BaseException:\n            pass\n\n    def is_closed(stream):\n        \"\"\"Whether a stream says that it is closed; one that says nothing is open.\"\"\"\n        try:\n            return bool(stream.closed)\n        except BaseException:\n            return False\n\n    def flush(report=True):\n        \"\"\"Whether standard output and error could be written.\"\"\"\n        written = True\n        for name in \"stdout\", \"stderr\":\n            stream = getattr(sys, name, None)\n            if stream is None or is_closed(stream):\n                continue\n            try:\n                stream.flush()\n            except BaseException as error:\n                written = False\n                if report and name == \"stdout\":\n                    ignore(error, stream)\n        return written\n\n    def clear(namespace):\n        \"\"\"Lets go of what a module has, private names first.\"\"\"\n        names = dict.fromkeys(namespace)\n        names.pop(\"__builtins__\", None)\n        if {*map(type, names)} != {str}:\n            names = {name: None for name in names if isinstance(name, str)}\n        namespace.update(dict.fromkeys([name for name in names if name[:1] == \"_\" != name[1:2]]))\n        namespace.update(names)\n\n    def clear_held(own, loader):\n        \"\"\"Clears the program's modules that are still held by what was there before: whether there were any.\"\"\"\n        held = [vars(module) for module in [reference() for reference in own] if module is not None]\n        loader = loader()\n        if loader is not None:\n            found = [thing for thing in gc.get_referrers(loader) if type(thing) is dict]\n            held[:0] = [thing for thing in found if thing.get(\"__loader__\") is loader and \"__name__\" in thing]\n            del found\n        del loader\n        for namespace in reversed(held):\n            clear(namespace)\n        return bool(held)\n\n    def finish(before, loader):\n        \"\"\"What the interpreter does at its end, but for freeing what was there before the program: whether its output was\n        written.\"\"\"\n        threading = sys.modules.get(\"threading\")\n        if threading is not None:\n            try:\n                threading._shutdown()\n            except BaseException as error:\n                ignore(error, threading)\n        atexit._run_exitfuncs()\n        written = flush()\n        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__\n        sys.last_type = sys.last_value = sys.last_traceback = None\n        if sys.version_info >= (3, 12):\n            sys.last_exc = None\n        # Destructors are run and files closed: modules are let go of first, so that these still see what is in them. What is\n        # left in order by a collection before that is destroyed in order: a file is flushed before it is closed.\n        gc.collect()\n        own = []\n        if not sys.modules.keys() <= before:\n            names = [name for name in sys.modules if name not in before]\n            own = [weakref(sys.modules[name]) for name in names if isinstance(sys.modules[name], types.ModuleType)]\n            sys.modules.update(dict.fromkeys(names))\n        sys.modules[\"__main__\"] = None\n        found = gc.collect()\n        if clear_held(own, loader) or found:\n            gc.collect()\n        flush(report=False)\n        return written\n\n    def start(job):\n        path, count, *rest = job\n        args, variables = rest[: int(count)], rest[int(count) :]\n        for variable in variables:\n            name, _, value = variable.partition(\"=\")\n            os.environ[name] = value\n            # Read by an interpreter when it starts.\n            if name == \"PYTHONPATH\" and value:\n                sys.path[1:1] = value.split(os.pathsep)\n        sys.argv[:] = [path, *args]\n        sys.orig_argv[:] = [\"python\", path, *args]\n        sys.path[0] = path.rpartition(\"/\")[0] or \"/\"\n        sys.path_importer_cache.clear()\n        # What lies beside the program goes before what was imported for it.\n        for entry in os.listdir(sys.path[0]):\n            name = entry.partition(\".\")[0]\n            if name in sys.modules and name not in started:\n                for known in [known for known in sys.modules if (known + \".\").startswith(name + \".\")]:\n                    del sys.modules[known]\n                    before.discard(known)\n        main = types.ModuleType(\"__main__\")\n        main.__loader__ = SourceFileLoader(\"__main__\", path)\n        # It lives as long as what is in the module.\n        loader = weakref(main.__loader__)\n        main.__annotations__ = {}\n        main.__builtins__ = builtins\n        main.__file__ = path\n        main.__cached__ = None\n        sys.modules[\"__main__\"] = main\n        del main\n        status = 1\n        try:\n            status = run(path, sys.modules[\"__main__\"].__dict__)\n            if not finish(before, loader):\n                status = 120\n        finally:\n            os._exit(status)\n\n    os.listdir(\"/\")\n    # Types that the compiler makes when it is first called, and what the first line of a program needs.\n    exec(compile(\"class A:\\n def f(self): return f'{1}'\\nA().f()\\n\", \"warm\", \"exec\"), {})\n    sys.stdout.write(\"\")\n    flush()\n\n    def job(texts):\n        del builtins.stepwell_job, sys.modules[\"sitecustomize\"]\n        os.unlink(\"/.stepwell\")\n        start(texts.decode(\"utf-8\", \"surrogateescape\").split(\"\\0\")[:-1])\n\n    # What the program must not find.\n    folder, made = os.path.dirname(__file__), sys.implementation.cache_tag\n    for path in f\"{folder}/__pycache__/sitecustomize.{made}.pyc\", __file__:\n        if os.path.exists(path):\n            os.unlink(path)\n    for path in f\"{folder}/__pycache__\", folder:\n        if os.path.exists(path):\n            os.rmdir(path)\n    sys.path.remove(folder)\n    del os.environ[\"PYTHONPATH\"]\n    sys.path_importer_cache.clear()\n    before = set(sys.modules) - {\"sitecustomize\"}\n    builtins.stepwell_job = job\n    gc.collect()\n    gc.freeze()\n\n\nwarm()\n"
        }
      }
    ],
    "licence": "PSF-2.0 AND Apache-2.0",
    "name": "python",
    "support": {},
    "version": "3.12.0"
  },
  {
    "files": [
      {
        "bytes": 12379490,
        "name": "python-3.11.3.wasm.gz",
        "original": "658cb6add2bbf8dfe84d67fb85430956d5a8b2b1d694d33432d654cdf048f813",
        "role": "module",
        "sha256": "ca7f5be87c7ec39706136de399dd75a713b1a902c74d01cf70cca1b7d92200dc"
      },
      {
        "bytes": 4142080,
        "name": "python-3.11.3-base.tar.gz",
        "original": "2d6892c87e3f6f7a383396cd92d9028a307c0905b130ffc4509963f50383372a",
        "role": "base",
        "sha256": "2d6892c87e3f6f7a383396cd92d9028a307c0905b130ffc4509963f50383372a"
      }
    ],
    "isDefault": false,
    "languages": [
      {
        "aliases": [
          "py"
        ],
        "artefacts": [],
        "extensions": [
          "py"
        ],
        "name": "python",
        "stages": [
          {
            "argv": [
              "python",
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": {
          "argv": [
            "python",
            "/.stepwell"
          ],
          "call": "stepwell_job(b\"{job}\")",
          "env": {
            "PYTHONPATH": "/.stepwell-site"
          },
          "place": "/.stepwell-site/sitecustomize.py",
          "prelude": "# What a warm CPython has done before it is frozen, and how it runs a program afterwards as `python PROGRAM` does.\n#\n# It is imported as `sitecustomize`, so that no Python function is active when the interpreter opens /.stepwell, which is what\n# it runs, and is frozen there: a copy of the evaluation loop would have to be made for it. That file then calls the built-in\n# function `stepwell_job` with the program's path, the number of its arguments, these, and NAME=VALUE for each variable, all\n# ended by NUL.\n#\n# What lies behind that call is done for each program anew, in an interpreter that takes hundreds of steps for an operation:\n# what concerns all modules is left to operations on whole sets and dictionaries.\n\n\ndef warm():\n    import sys\n\n    started = set(sys.modules)\n    import atexit\n    import builtins\n    import gc\n    import io\n    import os\n    import types\n    from _weakref import ref as weakref\n    from importlib.machinery import SourceFileLoader\n    import array, ast, base64, bisect, collections.abc, contextlib, copy, csv, dataclasses, datetime, decimal, enum\n    import fractions, functools, hashlib, heapq, inspect, itertools, json, linecache, math, operator, random, re, statistics\n    import string, struct, textwrap, time, tokenize, traceback, typing, unicodedata\n\n    def exit_code(error):\n        \"\"\"The exit status that a SystemExit asks for; what it says goes to standard error.\"\"\"\n        code = error.code\n        if code is None:\n            return 0\n        if isinstance(code, int):\n            # A C long, cut to an int; both have 32 bits here.\n            return code if -(2**31) <= code < 2**31 else -1\n        failed = None\n        try:\n            say(str(code))\n        except BaseException as other:\n            failed = other.with_traceback(other.__traceback__.tb_next)\n        try:\n            say(\"\\n\")\n            # From 3.12 on it is left over, and shown where the end waits for threads.\n            if failed is not None and sys.version_info >= (3, 12) and \"threading\" not in sys.modules:\n                sys.__excepthook__(type(failed), failed, failed.__traceback__)\n        except BaseException:\n            pass\n        return 1\n\n    def say(text):\n        \"\"\"Writes to standard error, also if that is no object.\"\"\"\n        stream = getattr(sys, \"stderr\", None)\n        if stream is None:\n            os.write(2, text.encode(\"utf-8\", \"backslashreplace\"))\n        else:\n            stream.write(text)\n\n    def report(kind, error, trace):\n        \"\"\"Shows an uncaught exception as the interpreter does: the exit status.\"\"\"\n        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace\n        if sys.version_info >= (3, 12):\n            sys.last_exc = error\n        hook, asked = getattr(sys, \"excepthook\", None), None\n        try:\n            if hook is None:\n                print(\"sys.excepthook is missing\", file=sys.stderr)\n                sys.__excepthook__(kind, error, trace)\n            else:\n                hook(kind, error, trace)\n        except SystemExit as other:\n            asked = other\n        except BaseException as other:\n            print(\"Error in sys.excepthook:\", file=sys.stderr)\n            other = other.with_traceback(other.__traceback__.tb_next)\n            sys.__excepthook__(type(other), other, other.__traceback__)\n            print(\"\\nOriginal exception was:\", file=sys.stderr)\n            sys.__excepthook__(kind, error, trace)\n        return 1 if asked is None else exit_code(asked)\n\n    def run(path, namespace):\n        \"\"\"Runs a program to its end: the exit status.\"\"\"\n        try:\n            with io.open_code(path) as file:\n                source = file.read()\n            code = compile(source, path, \"exec\", dont_inherit=True)\n            del file, source\n            exec(code, namespace)\n            return 0\n        except BaseException as error:\n            caught = error\n        # Outside of the handler, so that an exception of a hook has no context.\n        if isinstance(caught, SystemExit):\n            return exit_code(caught)\n        caught = caught.with_traceback(caught.__traceback__.tb_next)\n        status = report(type(caught), caught, caught.__traceback__)\n        return 130 if isinstance(caught, KeyboardInterrupt) else status\n\n    def ignore(error, thing):\n        \"\"\"Shows an exception that nobody can catch any more.\"\"\"\n        try:\n            print(f\"Exception ignored in: {thing!r}\", file=sys.stderr)\n            sys.__excepthook__(type(error), error.with_traceback(None), None)\n        except BaseException:\n            pass\n\n    def is_closed(stream):\n        \"\"\"Whether a stream says that it is closed; one that says nothing is open.\"\"\"\n        try:\n            return bool(stream.closed)\n        except BaseException:\n            return False\n\n    def flush(report=True):\n        \"\"\"Whether standard output and error could be written.\"\"\"\n        written = True\n        for name in \"stdout\", \"stderr\":\n            stream = getattr(sys, name, None)\n            if stream is None or is_closed(stream):\n                continue\n            try:\n                stream.flush()\n            except BaseException as error:\n                written = False\n                if report and name == \"stdout\":\n                    ignore(error, stream)\n        return written\n\n    def clear(namespace):\n        \"\"\"Lets go of what a module has, private names first.\"\"\"\n        names = dict.fromkeys(namespace)\n        names.pop(\"__builtins__\", None)\n        if {*map(type, names)} != {str}:\n            names = {name: None for name in names if isinstance(name, str)}\n        namespace.update(dict.fromkeys([name for name in names if name[:1] == \"_\" != name[1:2]]))\n        namespace.update(names)\n\n    def clear_held(own, loader):\n        \"\"\"Clears the program's modules that are still held by what was there before: whether there were any.\"\"\"\n        held = [vars(module) for module in [reference() for reference in own] if module is not None]\n        loader = loader()\n        if loader is not None:\n            found = [thing for thing in gc.get_referrers(loader) if type(thing) is dict]\n            held[:0] = [thing for thing in found if thing.get(\"__loader__\") is loader and \"__name__\" in thing]\n            del found\n        del loader\n        for namespace in reversed(held):\n            clear(namespace)\n        return bool(held)\n\n    def finish(before, loader):\n        \"\"\"What the interpreter does at its end, but for freeing what was there before the program: whether its output was\n        written.\"\"\"\n        threading = sys.modules.get(\"threading\")\n        if threading is not None:\n            try:\n                threading._shutdown()\n            except BaseException as error:\n                ignore(error, threading)\n        atexit._run_exitfuncs()\n        written = flush()\n        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__\n        sys.last_type = sys.last_value = sys.last_traceback = None\n        if sys.version_info >= (3, 12):\n            sys.last_exc = None\n        # Destructors are run and files closed: modules are let go of first, so that these still see what is in them. What is\n        # left in order by a collection before that is destroyed in order: a file is flushed before it is closed.\n        gc.collect()\n        own = []\n        if not sys.modules.keys() <= before:\n            names = [name for name in sys.modules if name not in before]\n            own = [weakref(sys.modules[name]) for name in names if isinstance(sys.modules[name], types.ModuleType)]\n            sys.modules.update(dict.fromkeys(names))\n        sys.modules[\"__main__\"] = None\n        found = gc.collect()\n        if clear_held(own, loader) or found:\n            gc.collect()\n        flush(report=False)\n        return written\n\n    def start(job):\n        path, count, *rest = job\n        args, variables = rest[: int(count)], rest[int(count) :]\n        for variable in variables:\n            name, _, value = variable.partition(\"=\")\n            os.environ[name] = value\n            # Read by an interpreter when it starts.\n            if name == \"PYTHONPATH\" and value:\n                sys.path[1:1] = value.split(os.pathsep)\n        sys.argv[:] = [path, *args]\n        sys.orig_argv[:] = [\"python\", path, *args]\n        sys.path[0] = path.rpartition(\"/\")[0] or \"/\"\n        sys.path_importer_cache.clear()\n        # What lies beside the program goes before what was imported for it.\n        for entry in os.listdir(sys.path[0]):\n            name = entry.partition(\".\")[0]\n            if name in sys.modules and name not in started:\n                for known in [known for known in sys.modules if (known + \".\").startswith(name + \".\")]:\n                    del sys.modules[known]\n                    before.discard(known)\n        main = types.ModuleType(\"__main__\")\n        main.__loader__ = SourceFileLoader(\"__main__\", path)\n        # It lives as long as what is in the module.\n        loader = weakref(main.__loader__)\n        main.__annotations__ = {}\n        main.__builtins__ = builtins\n        main.__file__ = path\n        main.__cached__ = None\n        sys.modules[\"__main__\"] = main\n        del main\n        status = 1\n        try:\n            status = run(path, sys.modules[\"__main__\"].__dict__)\n            if not finish(before, loader):\n                status = 120\n        finally:\n            os._exit(status)\n\n    os.listdir(\"/\")\n    # Types that the compiler makes when it is first called, and what the first line of a program needs.\n    exec(compile(\"class A:\\n def f(self): return f'{1}'\\nA().f()\\n\", \"warm\", \"exec\"), {})\n    sys.stdout.write(\"\")\n    flush()\n\n    def job(texts):\n        del builtins.stepwell_job, sys.modules[\"sitecustomize\"]\n        os.unlink(\"/.stepwell\")\n        start(texts.decode(\"utf-8\", \"surrogateescape\").split(\"\\0\")[:-1])\n\n    # What the program must not find.\n    folder, made = os.path.dirname(__file__), sys.implementation.cache_tag\n    for path in f\"{folder}/__pycache__/sitecustomize.{made}.pyc\", __file__:\n        if os.path.exists(path):\n            os.unlink(path)\n    for path in f\"{folder}/__pycache__\", folder:\n        if os.path.exists(path):\n            os.rmdir(path)\n    sys.path.remove(folder)\n    del os.environ[\"PYTHONPATH\"]\n    sys.path_importer_cache.clear()\n    before = set(sys.modules) - {\"sitecustomize\"}\n    builtins.stepwell_job = job\n    gc.collect()\n    gc.freeze()\n\n\nwarm()\n"
        }
      }
    ],
    "licence": "PSF-2.0 AND Apache-2.0",
    "name": "python",
    "support": {},
    "version": "3.11.3"
  },
  {
    "files": [
      {
        "bytes": 22938018,
        "name": "ruby-3.2.0.wasm.gz",
        "original": "abe348fba157a756f86194be445c77c99e8ed64ca76495ea07ed984f09eb66ae",
        "role": "module",
        "sha256": "2e5df2ecae0d5ccfe75fe9acd6d0abc4cd26b0f7087df14d2e910e1c285ac4ea"
      },
      {
        "bytes": 2560,
        "name": "ruby-3.2.0-base.tar.gz",
        "original": "601fe113a9f188cfdb0e07f1282c1d3c4c2b8541b60ef826eadb9c73067e24fc",
        "role": "base",
        "sha256": "601fe113a9f188cfdb0e07f1282c1d3c4c2b8541b60ef826eadb9c73067e24fc"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [
          "rb"
        ],
        "artefacts": [],
        "extensions": [
          "rb"
        ],
        "name": "ruby",
        "stages": [
          {
            "argv": [
              "ruby",
              "-r",
              "/ruby-3.2.0/.rubyopts.rb",
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": {
          "argv": [
            "ruby",
            "-r",
            "/ruby-3.2.0/.rubyopts.rb",
            "-e"
          ],
          "call": null,
          "env": {},
          "place": null,
          "prelude": "# What a warm Ruby has done before it is frozen, and how it runs a program afterwards as `ruby PROGRAM` does.\n#\n# It is frozen when it opens /.stepwell: the program's path, the number of its arguments, these, and NAME=VALUE for each\n# variable, all ended by NUL.\nlambda {\n  require \"set\"\n  require \"json\"\n  require \"stringio\"\n  RubyVM::InstructionSequence.compile('[2, 1].map { |number| \"#{number}\" }.sort.inject(:+)').eval\n  GC.start\n\n  job = File.open(\"/.stepwell\", \"rb\") { |file| file.read }.force_encoding(Encoding.default_external).split(\"\\0\", -1)\n  begin\n    File.unlink(\"/.stepwell\")\n  rescue SystemCallError\n    nil\n  end\n  path, count = job.shift(2)\n  ARGV.replace(job.shift(count.to_i))\n  job[..-2].each do |variable|\n    name, value = variable.split(\"=\", 2)\n    ENV[name] = value\n  end\n  $0 = path\n  text = File.binread(path)\n  if (mark = text.match(/^__END__(?:\\r?\\n|\\z)/n))\n    data = File.open(path)\n    data.seek(mark.pre_match.bytesize + mark[0].bytesize)\n    data.lineno = mark.pre_match.count(\"\\n\") + 1\n    Object.const_set(:DATA, data)\n  end\n  # An uncaught exception is shown as if the program's frames were the outermost. One whose backtrace has been set is shown\n  # without the line of the program that it came from, so its message has to bring that along.\n  quiet = lambda do |error|\n    plain, marked = [false, true].map { |highlight| error.detailed_message(highlight: highlight) }\n    error.define_singleton_method(:detailed_message) { |highlight: false, **| highlight ? marked : plain }\n  rescue Exception\n    nil\n  ensure\n    lines = error.backtrace&.reject { |line| line.start_with?(\"-e:\") }\n    # Of a program that cannot be read, nothing is left.\n    error.set_backtrace(lines.empty? ? [path] : lines) if lines && !error.frozen?\n  end\n  begin\n    RubyVM::InstructionSequence.compile_file(path).eval\n  rescue SystemExit\n    raise\n  rescue Exception => error\n    shown = error\n    while shown\n      quiet.(shown)\n      shown = shown.cause\n    end\n    raise error\n  end\n}.call\n"
        }
      }
    ],
    "licence": "Ruby OR BSD-2-Clause",
    "name": "ruby",
    "support": {},
    "version": "3.2.0"
  },
  {
    "files": [
      {
        "bytes": 2056976,
        "name": "quickjs-0.5.0-alpha.wasm.gz",
        "original": "85922baafd4385bc908d766989948df9ab28f8f0c8afd2ab6b35a4950570d0f6",
        "role": "module",
        "sha256": "f6f67a63cea4103eb8badc73fa45e113359ba1704c283897a08fb7c862c08955"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [
          "js",
          "qjs"
        ],
        "artefacts": [],
        "extensions": [
          "js",
          "mjs"
        ],
        "name": "javascript",
        "stages": [
          {
            "argv": [
              "quickjs",
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": null
      }
    ],
    "licence": "Apache-2.0 AND MIT",
    "name": "quickjs",
    "support": {},
    "version": "0.5.0-alpha"
  },
  {
    "files": [
      {
        "bytes": 13094776,
        "name": "php-8.2.0.wasm.gz",
        "original": "68c96239a9b8095f21dd80af1714e5f270e4e08ef516821d90290da72d829a0e",
        "role": "module",
        "sha256": "d2c27fad46dcdeeb27dc4be80bd2af0fb77e42be4adb0722d39a838008bfcf97"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [
          "php-cgi"
        ],
        "artefacts": [],
        "extensions": [
          "php"
        ],
        "name": "php",
        "stages": [
          {
            "argv": [
              "php",
              "-q",
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": null
      }
    ],
    "licence": "PHP-3.01 AND Zend-2.0 AND Apache-2.0",
    "name": "php",
    "support": {},
    "version": "8.2.0"
  },
  {
    "files": [
      {
        "bytes": 1310280,
        "name": "sqlite-3.26.0.wasm.gz",
        "original": "992205b67977f9c7a0d1ea7568d745e055fa3015d1ab70428feed6d8da60d060",
        "role": "module",
        "sha256": "72c312f69d4299cdc20e33d914cca9b181a638f5c971bb26dcafc0fa89e73116"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [],
        "artefacts": [],
        "extensions": [
          "sql"
        ],
        "name": "sql",
        "stages": [
          {
            "argv": [
              "sqlite",
              "-batch",
              "-cmd",
              ".read {quoted}",
              "{args}"
            ],
            "env": {},
            "tool": "module"
          }
        ],
        "warm": null
      }
    ],
    "licence": "blessing",
    "name": "sqlite",
    "support": {},
    "version": "3.26.0"
  },
  {
    "files": [
      {
        "bytes": 75532134,
        "name": "clang-22.0.0.wasm.gz",
        "original": "24fbed474c7b5b4968fd73fc4827440b93fb351c1b6264516130300eff3e7bf5",
        "role": "module",
        "sha256": "24fbed474c7b5b4968fd73fc4827440b93fb351c1b6264516130300eff3e7bf5"
      },
      {
        "bytes": 29665280,
        "name": "clang-22.0.0-base.tar.gz",
        "original": "79eef0c336fe55cf03ff8f5b42b784c8168f929a3603138b2c6301f4601e4c86",
        "role": "base",
        "sha256": "79eef0c336fe55cf03ff8f5b42b784c8168f929a3603138b2c6301f4601e4c86"
      }
    ],
    "isDefault": true,
    "languages": [
      {
        "aliases": [],
        "artefacts": [],
        "extensions": [
          "c"
        ],
        "name": "c",
        "stages": [
          {
            "argv": [
              "clang",
              "--sysroot=",
              "-resource-dir",
              "/",
              "-D_WASI_EMULATED_SIGNAL",
              "-D_WASI_EMULATED_PROCESS_CLOCKS",
              "-D_WASI_EMULATED_MMAN",
              "-D_WASI_EMULATED_GETPID",
              "-fdiscard-value-names",
              "-Xclang",
              "-disable-llvm-verifier",
              "-O1",
              "{colour}",
              "-x",
              "c",
              "-c",
              "{program}",
              "-o",
              "{object}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "wasm-ld",
              "-m",
              "wasm32",
              "-L/lib/wasm32-wasip1",
              "/lib/wasm32-wasip1/crt1-command.o",
              "--strip-debug",
              "--stack-first",
              "-z",
              "stack-size=8388608",
              "{object}",
              "-lc-printscan-long-double",
              "-lwasi-emulated-signal",
              "-lwasi-emulated-process-clocks",
              "-lwasi-emulated-mman",
              "-lwasi-emulated-getpid",
              "-lc",
              "/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a",
              "-o",
              "{output}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "output"
          }
        ],
        "warm": null
      },
      {
        "aliases": [
          "cpp",
          "cxx",
          "clang++"
        ],
        "artefacts": [
          {
            "argv": [
              "clang++",
              "--sysroot=",
              "-resource-dir",
              "/",
              "-D_WASI_EMULATED_SIGNAL",
              "-D_WASI_EMULATED_PROCESS_CLOCKS",
              "-D_WASI_EMULATED_MMAN",
              "-D_WASI_EMULATED_GETPID",
              "-fdiscard-value-names",
              "-Xclang",
              "-disable-llvm-verifier",
              "-fexceptions",
              "-fcxx-exceptions",
              "-fignore-exceptions",
              "-std=gnu++20",
              "-O1",
              "{colour}",
              "-x",
              "c++-header",
              "-Xclang",
              "-fno-pch-timestamp",
              "-fpch-instantiate-templates",
              "include/c++/v1/bits/stdc++.h",
              "-o",
              "{output}"
            ],
            "headers": [
              "bits/stdc++.h",
              "algorithm",
              "any",
              "array",
              "bit",
              "bitset",
              "charconv",
              "chrono",
              "compare",
              "complex",
              "concepts",
              "deque",
              "exception",
              "filesystem",
              "format",
              "forward_list",
              "fstream",
              "functional",
              "initializer_list",
              "iomanip",
              "ios",
              "iosfwd",
              "iostream",
              "istream",
              "iterator",
              "limits",
              "list",
              "locale",
              "map",
              "memory",
              "new",
              "numbers",
              "numeric",
              "optional",
              "ostream",
              "queue",
              "random",
              "ranges",
              "ratio",
              "regex",
              "set",
              "span",
              "sstream",
              "stack",
              "stdexcept",
              "streambuf",
              "string",
              "string_view",
              "system_error",
              "tuple",
              "type_traits",
              "typeindex",
              "typeinfo",
              "unordered_map",
              "unordered_set",
              "utility",
              "valarray",
              "variant",
              "vector"
            ],
            "output": "lib/stepwell/headers.pch",
            "use": [
              "-include-pch",
              "lib/stepwell/headers.pch"
            ]
          },
          {
            "argv": [
              "clang++",
              "--sysroot=",
              "-resource-dir",
              "/",
              "-fno-exceptions",
              "-std=gnu++20",
              "-Os",
              "{colour}",
              "-c",
              "lib/stepwell/exceptions.cc",
              "-o",
              "{output}"
            ],
            "headers": [],
            "output": "lib/stepwell/exceptions.o",
            "use": []
          }
        ],
        "extensions": [
          "cc",
          "cpp",
          "cxx"
        ],
        "name": "c++",
        "stages": [
          {
            "argv": [
              "clang++",
              "--sysroot=",
              "-resource-dir",
              "/",
              "-D_WASI_EMULATED_SIGNAL",
              "-D_WASI_EMULATED_PROCESS_CLOCKS",
              "-D_WASI_EMULATED_MMAN",
              "-D_WASI_EMULATED_GETPID",
              "-fdiscard-value-names",
              "-Xclang",
              "-disable-llvm-verifier",
              "-fexceptions",
              "-fcxx-exceptions",
              "-fignore-exceptions",
              "-std=gnu++20",
              "-O1",
              "{colour}",
              "-x",
              "c++",
              "-c",
              "{program}",
              "-o",
              "{object}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "wasm-ld",
              "-m",
              "wasm32",
              "-L/lib/wasm32-wasip1",
              "/lib/wasm32-wasip1/crt1-command.o",
              "--strip-debug",
              "--stack-first",
              "-z",
              "stack-size=8388608",
              "{object}",
              "--start-lib",
              "lib/stepwell/exceptions.o",
              "--end-lib",
              "-lc++",
              "-lc++abi",
              "-lc-printscan-long-double",
              "-lwasi-emulated-signal",
              "-lwasi-emulated-process-clocks",
              "-lwasi-emulated-mman",
              "-lwasi-emulated-getpid",
              "-lc",
              "/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a",
              "-o",
              "{output}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "output"
          }
        ],
        "warm": null
      }
    ],
    "licence": "Apache-2.0 WITH LLVM-exception AND MIT AND ISC",
    "name": "clang",
    "support": {
      "include/c++/v1/bits/stdc++.h": "// The standard library's headers as one, as GCC offers them. Stepwell compiles this file once and keeps the result.\n#pragma once\n#include <algorithm>\n#include <any>\n#include <array>\n#include <bit>\n#include <bitset>\n#include <cassert>\n#include <cctype>\n#include <cerrno>\n#include <cfenv>\n#include <cfloat>\n#include <charconv>\n#include <chrono>\n#include <cinttypes>\n#include <ciso646>\n#include <climits>\n#include <clocale>\n#include <cmath>\n#include <compare>\n#include <complex>\n#include <concepts>\n#include <csignal>\n#include <cstdarg>\n#include <cstddef>\n#include <cstdint>\n#include <cstdio>\n#include <cstdlib>\n#include <cstring>\n#include <ctime>\n#include <cwchar>\n#include <cwctype>\n#include <deque>\n#include <exception>\n#include <filesystem>\n#include <format>\n#include <forward_list>\n#include <fstream>\n#include <functional>\n#include <initializer_list>\n#include <iomanip>\n#include <ios>\n#include <iosfwd>\n#include <iostream>\n#include <istream>\n#include <iterator>\n#include <limits>\n#include <list>\n#include <locale>\n#include <map>\n#include <memory>\n#include <new>\n#include <numbers>\n#include <numeric>\n#include <optional>\n#include <ostream>\n#include <queue>\n#include <random>\n#include <ranges>\n#include <ratio>\n#include <regex>\n#include <set>\n#include <span>\n#include <sstream>\n#include <stack>\n#include <stdexcept>\n#include <streambuf>\n#include <string>\n#include <string_view>\n#include <system_error>\n#include <tuple>\n#include <type_traits>\n#include <typeindex>\n#include <typeinfo>\n#include <unordered_map>\n#include <unordered_set>\n#include <utility>\n#include <valarray>\n#include <variant>\n#include <vector>\n",
      "lib/stepwell/exceptions.cc": "// What a C++ program needs of exceptions where there are none to be had: the interpreter has no exception handling, so\n// the compiler drops `catch` blocks, and a `throw` says what it would have thrown and aborts.\n#include <cstdio>\n#include <cstdlib>\n#include <cxxabi.h>\n#include <exception>\n#include <typeinfo>\n\nnamespace {\n\n// The virtual functions of libc++abi's own type_info, in their order.\nstruct catcher : std::type_info {\n    virtual ~catcher();\n    virtual void noop1() const;\n    virtual void noop2() const;\n    virtual bool can_catch(const catcher *thrown, void *&object) const = 0;\n};\n\nconst char *what(void *object, const std::type_info *type) {\n    const auto *wanted = static_cast<const catcher *>(&typeid(std::exception));\n    if (!wanted->can_catch(static_cast<const catcher *>(type), object)) {\n        return nullptr;\n    }\n    return static_cast<std::exception *>(object)->what();\n}\n\n} // namespace\n\nextern \"C\" {\n\nvoid *__cxa_allocate_exception(size_t size) noexcept {\n    void *object = std::calloc(1, size == 0 ? 1 : size);\n    if (object == nullptr) {\n        std::abort();\n    }\n    return object;\n}\n\nvoid __cxa_free_exception(void *object) noexcept { std::free(object); }\n\n__attribute__((noreturn)) void __cxa_throw(void *object, std::type_info *type, void *(*)(void *)) {\n    int status = 0;\n    const char *name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);\n    std::fflush(stdout);\n    std::fprintf(stderr, \"exception thrown: %s\", status == 0 ? name : type->name());\n    if (const char *message = what(object, type)) {\n        std::fprintf(stderr, \": %s\", message);\n    }\n    std::fputs(\"\\nexceptions cannot be caught here, so the program ends\\n\", stderr);\n    std::abort();\n}\n\n__attribute__((noreturn)) void __cxa_rethrow() {\n    std::fputs(\"an exception is rethrown where there is none\\n\", stderr);\n    std::abort();\n}\n\nvoid *__cxa_begin_catch(void *object) noexcept { return object; }\n\nvoid __cxa_end_catch() {}\n\nvoid *__cxa_get_exception_ptr(void *object) noexcept { return object; }\n\n}\n"
    },
    "version": "22.0.0"
  },
  {
    "files": [
      {
        "bytes": 31208417,
        "name": "clang-8.0.1.wasm.gz",
        "original": "2a466f0e990329d3230b869d04fc20803eae96a7feb3a3f6c93e25a77b8aed1d",
        "role": "module",
        "sha256": "12297fa6d64a9d2a04380f12625e1b84b1cc7c25f036ce54451b04ac9387296f"
      },
      {
        "bytes": 19490094,
        "name": "clang-8.0.1-linker.wasm.gz",
        "original": "36419ed202011765222098d7701218378b67f634d50f0a4625059ae2c9860f48",
        "role": "linker",
        "sha256": "36419ed202011765222098d7701218378b67f634d50f0a4625059ae2c9860f48"
      },
      {
        "bytes": 9138176,
        "name": "clang-8.0.1-base.tar.gz",
        "original": "2e31502d92b79f3b417ce8bf755152bc5b4b3bdc329cce9a448dcf18da486553",
        "role": "base",
        "sha256": "2e31502d92b79f3b417ce8bf755152bc5b4b3bdc329cce9a448dcf18da486553"
      }
    ],
    "isDefault": false,
    "languages": [
      {
        "aliases": [],
        "artefacts": [],
        "extensions": [
          "c"
        ],
        "name": "c",
        "stages": [
          {
            "argv": [
              "clang",
              "-cc1",
              "-Werror",
              "-triple",
              "wasm32-unknown-wasi",
              "-isysroot",
              "/sys",
              "-internal-isystem",
              "/sys/include",
              "-internal-isystem",
              "/sys/lib/clang/8.0.1/include",
              "-ferror-limit",
              "4",
              "-fmessage-length",
              "80",
              "{colour}",
              "-fno-common",
              "-O2",
              "-x",
              "c",
              "-emit-obj",
              "-o",
              "/{object}",
              "/{program}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "wasm-ld",
              "--no-threads",
              "--export-dynamic",
              "-z",
              "stack-size=1048576",
              "-L/sys/lib/wasm32-wasi",
              "/sys/lib/wasm32-wasi/crt1.o",
              "/{object}",
              "-lc",
              "-L/sys/lib/clang/8.0.1/lib/wasi",
              "-lclang_rt.builtins-wasm32",
              "-o",
              "/{output}"
            ],
            "env": {},
            "tool": "linker"
          },
          {
            "argv": [
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "output"
          }
        ],
        "warm": null
      },
      {
        "aliases": [
          "cpp",
          "cxx",
          "clang++"
        ],
        "artefacts": [],
        "extensions": [
          "cc",
          "cpp",
          "cxx"
        ],
        "name": "c++",
        "stages": [
          {
            "argv": [
              "clang",
              "-cc1",
              "-Werror",
              "-triple",
              "wasm32-unknown-wasi",
              "-isysroot",
              "/sys",
              "-internal-isystem",
              "/sys/include/c++/v1",
              "-internal-isystem",
              "/sys/include",
              "-internal-isystem",
              "/sys/lib/clang/8.0.1/include",
              "-ferror-limit",
              "4",
              "-fmessage-length",
              "80",
              "{colour}",
              "-fno-common",
              "-O2",
              "-x",
              "c++",
              "-emit-obj",
              "-o",
              "/{object}",
              "/{program}"
            ],
            "env": {},
            "tool": "module"
          },
          {
            "argv": [
              "wasm-ld",
              "--no-threads",
              "--export-dynamic",
              "-z",
              "stack-size=1048576",
              "-L/sys/lib/wasm32-wasi",
              "/sys/lib/wasm32-wasi/crt1.o",
              "/{object}",
              "-lc++",
              "-lc++abi",
              "-lc",
              "-L/sys/lib/clang/8.0.1/lib/wasi",
              "-lclang_rt.builtins-wasm32",
              "-o",
              "/{output}"
            ],
            "env": {},
            "tool": "linker"
          },
          {
            "argv": [
              "{program}",
              "{args}"
            ],
            "env": {},
            "tool": "output"
          }
        ],
        "warm": null
      }
    ],
    "licence": "NCSA AND Apache-2.0 AND MIT",
    "name": "clang",
    "support": {},
    "version": "8.0.1"
  }
];
