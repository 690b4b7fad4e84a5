"""A runtime for Python handlers: the AWS Lambda Runtime API, standard library only.

pawl-worker starts it in the function's folder.  _HANDLER names module.function
(handler.handler); what it returns is the result, what it raises is the error:
errorType is the name of the exception's class.
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime/"


class Context:
    """What the handler gets beside the event; the names are Lambda's."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = "/aws/lambda/" + self.function_name
        self.log_stream_name = "pid-%d" % os.getpid()
        self.client_context = None
        self.identity = None
        # Beyond Lambda: the same for every repetition of one call.
        self.idempotency_key = headers.get("Lambda-Runtime-Pawl-Idempotency-Key")
        self.execution_arn = headers.get("Lambda-Runtime-Pawl-Execution")
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))


class Api:
    """One kept connection to the host."""

    def __init__(self):
        self.conn = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.conn.request(method, API + path, body, headers)
        answer = self.conn.getresponse()
        return answer.status, answer.headers, answer.read()


def describe(error, request_id=None):
    """An exception as Lambda's Python runtime reports it."""
    # The first frame is ours.
    trace = traceback.extract_tb(error.__traceback__)[1:]
    text = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(trace),
    }
    if request_id is not None:
        text["requestId"] = request_id
    sys.stderr.write("[ERROR] %s: %s\n%s" % (
        text["errorType"], text["errorMessage"], "".join(text["stackTrace"])))
    return json.dumps(text).encode()


def init_error(api, kind, message):
    sys.stderr.write("[ERROR] %s: %s\n" % (kind, message))
    body = json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": []})
    api.call("POST", "init/error", body.encode())
    sys.exit(1)


def load(api):
    """The handler that _HANDLER names."""
    module_name, _, function_name = os.environ["_HANDLER"].rpartition(".")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except SyntaxError as error:
        init_error(api, "Runtime.UserCodeSyntaxError",
                   "Syntax error in module '%s': %s" % (module_name, error))
    except ImportError as error:
        init_error(api, "Runtime.ImportModuleError",
                   "Unable to import module '%s': %s" % (module_name, error))
    except Exception as error:
        traceback.print_exc()
        init_error(api, type(error).__name__, str(error))
    handler = getattr(module, function_name, None)
    if not callable(handler):
        init_error(api, "Runtime.HandlerNotFound",
                   "Handler '%s' missing on module '%s'" % (function_name, module_name))
    return handler


def run(handler, body, context):
    """True and the result, or False and the error, both as JSON."""
    try:
        result = handler(json.loads(body), context)
    except Exception as error:
        return False, describe(error, context.aws_request_id)
    try:
        return True, json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except Exception as error:
        return False, json.dumps({
            "errorMessage": "Unable to marshal response: %s" % error,
            "errorType": "Runtime.MarshalError",
            "requestId": context.aws_request_id,
            "stackTrace": [],
        }).encode()


def main():
    api = Api()
    handler = load(api)
    while True:
        status, headers, body = api.call("GET", "invocation/next")
        if status != 200:
            sys.exit(1)
        context = Context(headers)
        good, answer = run(handler, body, context)
        path = "invocation/%s/%s" % (context.aws_request_id, "response" if good else "error")
        api.call("POST", path, answer)


try:
    main()
except (ConnectionError, http.client.RemoteDisconnected):
    sys.exit(0)  # the host has gone
