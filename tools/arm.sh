#!/usr/bin/env bash
# Compare the golden digests on an emulated 64-bit ARM processor. Runs on Debian and its kin, as root or
# as a user; installs nothing: an ARM Python and its wheels are unpacked into a cache folder.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deepbench_hf_arm
mkdir -p "$cache"/{lists/partial,archives/partial,debs,root,qemu,site}
cd "$cache"

packages="libbz2-1.0 libc6 libcrypt1 libexpat1 libffi8 libgcc-s1 liblzma5 libpython3.11-minimal
  libpython3.11-stdlib libssl3 libstdc++6 libuuid1 python3.11-minimal zlib1g"
requirements="numpy scipy astropy numba datasets huggingface_hub pydantic pyyaml filelock pyarrow pillow"
platforms="--platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64
  --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64"

if [ ! -x python ]; then
  touch status
  printf '%s\n' 'APT::Architecture "arm64";' 'APT::Architectures { "arm64"; };' \
    "Dir::State \"$cache\";" "Dir::State::status \"$cache/status\";" \
    "Dir::Cache \"$cache\";" 'APT::Sandbox::User "root";' > apt.conf
  (cd debs && apt-get -q download qemu-user-static > /dev/null)
  dpkg -x debs/qemu-user-static_*.deb qemu
  export APT_CONFIG=$cache/apt.conf
  apt-get update -q > /dev/null
  # shellcheck disable=SC2086
  (cd debs && apt-get -q download $packages > /dev/null)
  for deb in debs/*_arm64.deb; do dpkg -x "$deb" root; done
  # shellcheck disable=SC2086
  python3 -m pip install -q --upgrade --target site --only-binary=:all: --python-version 3.11 \
    --implementation cp $platforms $requirements
  cat > python <<EOF
#!/bin/sh
exec $cache/qemu/usr/bin/qemu-aarch64-static -cpu max -L $cache/root \\
  -E LD_LIBRARY_PATH=$cache/root/usr/lib/aarch64-linux-gnu:$cache/root/lib/aarch64-linux-gnu \\
  -E PYTHONHOME=$cache/root/usr -E PYTHONPATH=$cache/site:$cache/project \\
  -E NUMBA_CACHE_DIR=$cache/kernels -E OPENBLAS_NUM_THREADS=1 -E OPENBLAS_CORETYPE=ARMV8 \\
  $cache/root/usr/bin/python3.11 "\$@"
EOF
  chmod +x python
fi

# The layout of the installed package, from this checkout.
rm -rf project && mkdir project
cp -r "$here/deepbench_hf" "$here/tests" "$here/tools" project/
cp -r "$here/builders" "$here/configs" "$here/dataset_cards" project/deepbench_hf/
cd project
../python -c 'import platform, numba; print(platform.machine(), "Numba", numba.__version__)'
../python -m tools.golden --check "$@"
