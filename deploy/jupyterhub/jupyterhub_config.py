"""A shared server for a class: JupyterHub on one machine, every student a user of the system.

jupyterhub -f deploy/jupyterhub/jupyterhub_config.py

README.md beside it: how to install, what was tried, what was not. As it stands, nobody can
reach the hub from outside and nobody may log in who is not in the group ``students``.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent  # the environment that runs the hub has the course as well

c = get_config()  # noqa: F821  (given by JupyterHub)

# Who. Passwords are those of the machine; without a group here nobody could log in.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students"}
c.Authenticator.admin_users = set()  # an admin can start and stop everybody's server

# Where. Only this machine sees it: a web server with a certificate stands before it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# What a student gets: her own copies, lesson 00 open, no rights but her own.
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.cmd = ["sh", str(HERE / "start_student.sh")]
c.Spawner.notebook_dir = "~/unet-teach"
c.Spawner.default_url = "/lab/tree/00_start_here.ipynb"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # thirty start in the same minute
c.Spawner.environment = {
    "PATH": f"{BIN}:{os.environ['PATH']}",
    "COURSE": str(HERE.parents[1]),
    "DATA_LIMIT_MB": os.environ.get("DATA_LIMIT_MB", "2000"),  # of one kernel; start_student.sh
    # One thread each: nobody's training takes all the cores from the others.
    "OMP_NUM_THREADS": "1",
    "UNET_TEACH_TIER": "check",  # lesson 14 in seconds; a student may still ask for more
}
if "UNET_TEACH_DATA" in os.environ:  # ISBI 2012, once for all, in a folder that all can read
    c.Spawner.environment["UNET_TEACH_DATA"] = os.environ["UNET_TEACH_DATA"]

# How many. TEACHING.md has the table; one student more is told to wait, and nobody is killed.
c.JupyterHub.active_server_limit = int(os.environ.get("STUDENTS", "30"))
c.Spawner.args = [
    # A kernel without a browser ends after an hour, a server without any activity after two.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--ServerApp.shutdown_no_activity_timeout=7200",
]
