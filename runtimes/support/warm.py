# What a warm CPython has done before it is frozen, and how it runs a program afterwards as `python PROGRAM` does.
#
# It is imported as `sitecustomize`, so that no Python function is active when the interpreter opens /.stepwell, which is what
# it runs, and is frozen there: a copy of the evaluation loop would have to be made for it. That file then calls the built-in
# function `stepwell_job` with the program's path, the number of its arguments, these, and NAME=VALUE for each variable, all
# ended by NUL.
#
# What lies behind that call is done for each program anew, in an interpreter that takes hundreds of steps for an operation:
# what concerns all modules is left to operations on whole sets and dictionaries.


def warm():
    import sys

    started = set(sys.modules)
    import atexit
    import builtins
    import gc
    import io
    import os
    import types
    from _weakref import ref as weakref
    from importlib.machinery import SourceFileLoader
    import array, ast, base64, bisect, collections.abc, contextlib, copy, csv, dataclasses, datetime, decimal, enum
    import fractions, functools, hashlib, heapq, inspect, itertools, json, linecache, math, operator, random, re, statistics
    import string, struct, textwrap, time, tokenize, traceback, typing, unicodedata

    def exit_code(error):
        """The exit status that a SystemExit asks for; what it says goes to standard error."""
        code = error.code
        if code is None:
            return 0
        if isinstance(code, int):
            # A C long, cut to an int; both have 32 bits here.
            return code if -(2**31) <= code < 2**31 else -1
        failed = None
        try:
            say(str(code))
        except BaseException as other:
            failed = other.with_traceback(other.__traceback__.tb_next)
        try:
            say("\n")
            # From 3.12 on it is left over, and shown where the end waits for threads.
            if failed is not None and sys.version_info >= (3, 12) and "threading" not in sys.modules:
                sys.__excepthook__(type(failed), failed, failed.__traceback__)
        except BaseException:
            pass
        return 1

    def say(text):
        """Writes to standard error, also if that is no object."""
        stream = getattr(sys, "stderr", None)
        if stream is None:
            os.write(2, text.encode("utf-8", "backslashreplace"))
        else:
            stream.write(text)

    def report(kind, error, trace):
        """Shows an uncaught exception as the interpreter does: the exit status."""
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        if sys.version_info >= (3, 12):
            sys.last_exc = error
        hook, asked = getattr(sys, "excepthook", None), None
        try:
            if hook is None:
                print("sys.excepthook is missing", file=sys.stderr)
                sys.__excepthook__(kind, error, trace)
            else:
                hook(kind, error, trace)
        except SystemExit as other:
            asked = other
        except BaseException as other:
            print("Error in sys.excepthook:", file=sys.stderr)
            other = other.with_traceback(other.__traceback__.tb_next)
            sys.__excepthook__(type(other), other, other.__traceback__)
            print("\nOriginal exception was:", file=sys.stderr)
            sys.__excepthook__(kind, error, trace)
        return 1 if asked is None else exit_code(asked)

    def run(path, namespace):
        """Runs a program to its end: the exit status."""
        try:
            with io.open_code(path) as file:
                source = file.read()
            code = compile(source, path, "exec", dont_inherit=True)
            del file, source
            exec(code, namespace)
            return 0
        except BaseException as error:
            caught = error
        # Outside of the handler, so that an exception of a hook has no context.
        if isinstance(caught, SystemExit):
            return exit_code(caught)
        caught = caught.with_traceback(caught.__traceback__.tb_next)
        status = report(type(caught), caught, caught.__traceback__)
        return 130 if isinstance(caught, KeyboardInterrupt) else status

    def ignore(error, thing):
        """Shows an exception that nobody can catch any more."""
        try:
            print(f"Exception ignored in: {thing!r}", file=sys.stderr)
            sys.__excepthook__(type(error), error.with_traceback(None), None)
        except BaseException:
            pass

    def is_closed(stream):
        """Whether a stream says that it is closed; one that says nothing is open."""
        try:
            return bool(stream.closed)
        except BaseException:
            return False

    def flush(report=True):
        """Whether standard output and error could be written."""
        written = True
        for name in "stdout", "stderr":
            stream = getattr(sys, name, None)
            if stream is None or is_closed(stream):
                continue
            try:
                stream.flush()
            except BaseException as error:
                written = False
                if report and name == "stdout":
                    ignore(error, stream)
        return written

    def clear(namespace):
        """Lets go of what a module has, private names first."""
        names = dict.fromkeys(namespace)
        names.pop("__builtins__", None)
        if {*map(type, names)} != {str}:
            names = {name: None for name in names if isinstance(name, str)}
        namespace.update(dict.fromkeys([name for name in names if name[:1] == "_" != name[1:2]]))
        namespace.update(names)

    def clear_held(own, loader):
        """Clears the program's modules that are still held by what was there before: whether there were any."""
        held = [vars(module) for module in [reference() for reference in own] if module is not None]
        loader = loader()
        if loader is not None:
            found = [thing for thing in gc.get_referrers(loader) if type(thing) is dict]
            held[:0] = [thing for thing in found if thing.get("__loader__") is loader and "__name__" in thing]
            del found
        del loader
        for namespace in reversed(held):
            clear(namespace)
        return bool(held)

    def finish(before, loader):
        """What the interpreter does at its end, but for freeing what was there before the program: whether its output was
        written."""
        threading = sys.modules.get("threading")
        if threading is not None:
            try:
                threading._shutdown()
            except BaseException as error:
                ignore(error, threading)
        atexit._run_exitfuncs()
        written = flush()
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        sys.last_type = sys.last_value = sys.last_traceback = None
        if sys.version_info >= (3, 12):
            sys.last_exc = None
        # Destructors are run and files closed: modules are let go of first, so that these still see what is in them. What is
        # left in order by a collection before that is destroyed in order: a file is flushed before it is closed.
        gc.collect()
        own = []
        if not sys.modules.keys() <= before:
            names = [name for name in sys.modules if name not in before]
            own = [weakref(sys.modules[name]) for name in names if isinstance(sys.modules[name], types.ModuleType)]
            sys.modules.update(dict.fromkeys(names))
        sys.modules["__main__"] = None
        found = gc.collect()
        if clear_held(own, loader) or found:
            gc.collect()
        flush(report=False)
        return written

    def start(job):
        path, count, *rest = job
        args, variables = rest[: int(count)], rest[int(count) :]
        for variable in variables:
            name, _, value = variable.partition("=")
            os.environ[name] = value
            # Read by an interpreter when it starts.
            if name == "PYTHONPATH" and value:
                sys.path[1:1] = value.split(os.pathsep)
        sys.argv[:] = [path, *args]
        sys.orig_argv[:] = ["python", path, *args]
        sys.path[0] = path.rpartition("/")[0] or "/"
        sys.path_importer_cache.clear()
        # What lies beside the program goes before what was imported for it.
        for entry in os.listdir(sys.path[0]):
            name = entry.partition(".")[0]
            if name in sys.modules and name not in started:
                for known in [known for known in sys.modules if (known + ".").startswith(name + ".")]:
                    del sys.modules[known]
                    before.discard(known)
        main = types.ModuleType("__main__")
        main.__loader__ = SourceFileLoader("__main__", path)
        # It lives as long as what is in the module.
        loader = weakref(main.__loader__)
        main.__annotations__ = {}
        main.__builtins__ = builtins
        main.__file__ = path
        main.__cached__ = None
        sys.modules["__main__"] = main
        del main
        status = 1
        try:
            status = run(path, sys.modules["__main__"].__dict__)
            if not finish(before, loader):
                status = 120
        finally:
            os._exit(status)

    os.listdir("/")
    # Types that the compiler makes when it is first called, and what the first line of a program needs.
    exec(compile("class A:\n def f(self): return f'{1}'\nA().f()\n", "warm", "exec"), {})
    sys.stdout.write("")
    flush()

    def job(texts):
        del builtins.stepwell_job, sys.modules["sitecustomize"]
        os.unlink("/.stepwell")
        start(texts.decode("utf-8", "surrogateescape").split("\0")[:-1])

    # What the program must not find.
    folder, made = os.path.dirname(__file__), sys.implementation.cache_tag
    for path in f"{folder}/__pycache__/sitecustomize.{made}.pyc", __file__:
        if os.path.exists(path):
            os.unlink(path)
    for path in f"{folder}/__pycache__", folder:
        if os.path.exists(path):
            os.rmdir(path)
    sys.path.remove(folder)
    del os.environ["PYTHONPATH"]
    sys.path_importer_cache.clear()
    before = set(sys.modules) - {"sitecustomize"}
    builtins.stepwell_job = job
    gc.collect()
    gc.freeze()


warm()
