# Runs the program of the current folder as Pulumi's host for Python does; languageHost.cjs says what is asked of it.
import asyncio
import os
import runpy
import sys
import traceback

import pulumi
from pulumi import runtime

runtime.set_all_config(runtime.get_config_env(), runtime.get_config_secret_keys_env())
runtime.configure(
    runtime.Settings(
        monitor=os.environ["PULUMI_MONITOR"],
        engine=os.environ["PULUMI_ENGINE"],
        project=os.environ["PULUMI_PROJECT"],
        stack=os.environ["PULUMI_STACK"],
        organization=os.environ["PULUMI_ORGANIZATION"],
        parallel=int(os.environ["PULUMI_PARALLEL"]),
        dry_run=os.environ["PULUMI_DRY_RUN"] == "true",
        root_directory=os.getcwd(),
    )
)
try:
    asyncio.run(runtime.run_in_stack(lambda: runpy.run_path("__main__.py", run_name="__main__")))
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(1)
except Exception:
    pulumi.log.error(f"Program failed with an unhandled exception:\n{traceback.format_exc()}")
    sys.exit(32)
