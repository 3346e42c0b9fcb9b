"""The same hub for a trial on your own machine: invented users, no passwords, no root.

benchmarks/classroom.py measures with it. Never on a machine that others can reach: whoever
knows a name is logged in, and all students are one user of the system.
"""

import os
import tempfile
from pathlib import Path

c = get_config()  # noqa: F821  (given by JupyterHub)
load_subconfig("jupyterhub_config.py", path=str(Path(__file__).parent))  # noqa: F821

scratch = os.environ.get("TRIAL_FOLDER") or tempfile.mkdtemp(prefix="hub_")
port = int(os.environ.get("TRIAL_PORT", "8000"))
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_port = port + 1
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 2}"
c.ConfigurableHTTPProxy.pid_file = f"{scratch}/proxy.pid"
c.JupyterHub.db_url = f"sqlite:///{scratch}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{scratch}/cookie_secret"

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"  # the system's users are not asked for
c.SimpleLocalProcessSpawner.home_dir_template = scratch + "/{username}"

if "TRIAL_TOKEN" in os.environ:  # benchmarks/classroom.py, in place of a browser
    c.JupyterHub.services = [{"name": "classroom", "api_token": os.environ["TRIAL_TOKEN"]}]
    c.JupyterHub.load_roles = [
        {
            "name": "classroom",
            "services": ["classroom"],
            "scopes": ["admin:users", "admin:servers", "access:servers"],
        }
    ]
if hasattr(os, "geteuid") and os.geteuid() == 0:  # a container, for example
    c.Spawner.args = [*c.Spawner.args, "--allow-root"]
