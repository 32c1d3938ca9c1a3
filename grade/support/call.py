# Calls a function of the submission's, and leaves what it returns in a file. What the submission prints does not matter.
#
# The submission shares this process. All that it can do here is to leave another value, which the host compares like any:
# what is expected never enters the process.


def call():
    import importlib.util
    import json
    import os
    import sys

    dumps, limit_digits = json.dumps, sys.set_int_max_str_digits
    digits = sys.get_int_max_str_digits()
    # Integers of any length go in and out; the submission has the usual limit.
    limit_digits(0)
    with open("/.stepwell-call.json", encoding="utf-8") as file:
        job = json.load(file)
    limit_digits(digits)
    os.unlink("/.stepwell-call.json")
    path, wanted = job["file"], job["function"]
    name = os.path.splitext(os.path.basename(path))[0]
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    function = getattr(module, wanted, None)
    if not callable(function):
        sys.exit(f"{path} has no function {wanted}")
    value = function(*job["arguments"])
    limit_digits(0)
    try:
        result = '{"returned":' + dumps(value, allow_nan=False) + "}"
    except (TypeError, ValueError, RecursionError) as error:
        result = '{"unfit":' + dumps(f"{type(value).__name__}: {error}") + "}"
    with open("/.stepwell-result.json", "w", encoding="utf-8") as file:
        file.write(result)


call()
