#!/usr/bin/env bash
# A Slurm of one node on loopback, and an array of four tasks on it that writes a plan's shards; the
# files must be those of one process. Needs Debian's slurm-wlm and munge, and root. PYTHON names an
# interpreter with deepbench_hf; all daemons end with this script.
set -euo pipefail
python=${PYTHON:-python}
work=$(mktemp -d)
host=$(hostname -s)
daemons=()
trap 'kill "${daemons[@]}" 2>/dev/null; wait "${daemons[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
export SLURM_CONF="$work/slurm.conf"
mkdir -p "$work/state" "$work/spool"
chmod 755 "$work"
cat > "$SLURM_CONF" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES State=UP
CONF
# munged wants a folder of its own user
install -d -o munge -g munge -m 755 "$work/munge"
head -c 1024 /dev/urandom > "$work/munge/key"
chown munge:munge "$work/munge/key"
chmod 400 "$work/munge/key"
setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --force \
    --socket="$work/munge/socket" --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" 2> "$work/munged.err" &
daemons+=($!)
until [ -S "$work/munge/socket" ]; do sleep 0.1; done
slurmctld -D 2> "$work/slurmctld.err" &
daemons+=($!)
slurmd -D -N "$host" 2> "$work/slurmd.err" &
daemons+=($!)
for _ in $(seq 100); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.2; done
sinfo

config="pendulum_noisy --num-examples 20000 --split train --split test"
"$python" -m deepbench_hf plan $config -o "$work/slurm/out" --shard-size 4
# The recipe of docs/scale.md.
sbatch --wait --array=0-3 --output="$work/task-%a.log" \
    --wrap="$python -m deepbench_hf work $work/slurm/out --quiet"
"$python" -m deepbench_hf status "$work/slurm/out"
"$python" -m deepbench_hf finish "$work/slurm/out"

"$python" -m deepbench_hf plan $config -o "$work/one/out" --shard-size 4 -q
"$python" -m deepbench_hf work "$work/one/out" -q
"$python" -m deepbench_hf finish "$work/one/out" -q
(cd "$work/slurm/out" && find . -type f -print0 | sort -z | xargs -0 sha256sum) > "$work/slurm.sums"
(cd "$work/one/out" && sha256sum --check --quiet "$work/slurm.sums")
diff -r "$work/slurm/out" "$work/one/out"
cat "$work"/task-*.log
echo "the Slurm array wrote the $(wc -l < "$work/slurm.sums") files of one process"
