"""A Slurm cluster of one node on this machine: ``python tests/slurm/cluster.py start FOLDER``.

It lives in that folder, but for two links in /etc/slurm; ``stop FOLDER`` ends it and removes them.
It needs root, and Debian's packages slurm-wlm and munge.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun")
DAEMONS = ("slurmd", "slurmctld", "munged")
"""In the order in which they are stopped."""

ETC = Path("/etc/slurm")
"""Where Slurm looks: jobs of the workflow do not hand SLURM_CONF to the steps that they start."""

FILES = ("slurm.conf", "gres.conf")

# Without cgroups, which a container may lack, a job can use more memory than it asked for: Slurm is
# told to look every second, and to kill. The node claims more than may be there, for rules' sake.
CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill,UsePss
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1
MinJobAge=3600
KillWait=1
ReturnToService=2
GresTypes=gpu
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes=ALL Default=YES
PartitionName=gpu Nodes=ALL
"""


def missing() -> str:
    """Why there can be no cluster here; empty if there can."""
    if os.geteuid() != 0 or not all(map(shutil.which, PROGRAMS)):
        return "needs Slurm: apt-get install slurm-wlm munge, and run as root"
    if any((ETC / name).exists() for name in FILES):
        return f"a Slurm is set up here already, in {ETC}"
    return ""


def start(folder: Path) -> None:
    """Start the daemons, and wait until the node takes jobs."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    host = socket.gethostname().split(".")[0]
    settings = CONFIG.format(folder=folder, host=host, ports=_free_ports(2))
    (folder / "slurm.conf").write_text(settings)
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File=/dev/null\n")
    for name in FILES:
        (ETC / name).unlink(missing_ok=True)
        (ETC / name).symlink_to(folder / name)
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    files = [f"--{name}-file={folder}/munged.{name}" for name in ("pid", "log", "seed")]
    slurm("munged", "--force", f"--socket={folder}/munge.socket", f"--key-file={key}", *files)
    slurm("slurmctld")
    slurm("slurmd")
    for _ in range(60):
        if slurm("sinfo", "--noheader", "--format=%T", "--partition=cpu") == "idle\n":
            return
        time.sleep(1)
    raise TimeoutError(f"the node does not get ready, see {folder}/slurmctld.log and slurmd.log")


def stop(folder: Path) -> None:
    """Cancel all jobs, stop the daemons, and wait until they are gone; the folder stays."""
    subprocess.run(["scancel", "--user=root"])
    while subprocess.run(["squeue", "--noheader"], stdout=subprocess.PIPE).stdout:
        time.sleep(0.5)
    for pid_file in (folder / f"{name}.pid" for name in DAEMONS):
        while pid_file.is_file():
            try:
                os.kill(int(pid_file.read_text()), signal.SIGTERM)
            except (ProcessLookupError, ValueError):
                break
            time.sleep(0.5)
    for name in FILES:
        if (ETC / name).resolve() == folder / name:
            (ETC / name).unlink()


def slurm(*command: str) -> str:
    """What a command of Slurm says."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


if __name__ == "__main__":
    action, where = sys.argv[1:]
    {"start": start, "stop": stop}[action](Path(where).resolve())
