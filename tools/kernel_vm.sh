#!/bin/sh
# Runs a command under another Linux kernel: Debian's, in QEMU without KVM (some twenty times slower than this machine).
#
#     tools/kernel_vm.sh [--cgroup v2|v1|none] [--as root|user|scope|slice] [--kernel PACKAGE] [--minutes N] COMMAND...
#
# The machine sees the files of this one, read-only below an overlay in memory: this repository, its .venv, what is
# installed, also where the interpreter is root's alone. It has no network. Prints what the command prints; exits with its code, or 124 past the deadline.
#
#   --as root      the command is root's, in the topmost control group
#   --as user      an ordinary user's, who may change no control group
#   --as scope     an ordinary user's whose own group is his: systemd-run --user --scope -p Delegate=yes
#   --as slice     an ordinary user's whose own group lies below one that is his: a user's session under systemd
#
# Needs qemu-system-x86, busybox-static and apt; root, where the interpreter is root's to read.
set -eu

cgroup=v2 as=root kernel= minutes=30
while [ $# -gt 0 ]; do
    case $1 in
    --cgroup) cgroup=$2; shift 2 ;;
    --as) as=$2; shift 2 ;;
    --kernel) kernel=$2; shift 2 ;;
    --minutes) minutes=$2; shift 2 ;;
    *) break ;;
    esac
done
case "$cgroup/$as" in
v2/root | v2/user | v2/scope | v2/slice | v1/root | v1/user | none/root | none/user) ;;
*) echo "$0: no such machine: --cgroup $cgroup --as $as; scope and slice are of v2" >&2; exit 2 ;;
esac
[ $# -gt 0 ] || { echo "usage: $(sed -n 's/^#     //p' "$0")" >&2; exit 2; }
for program in qemu-system-x86_64 busybox apt-get dpkg-deb; do
    command -v $program > /dev/null || { echo "$0: $program is missing: apt-get install qemu-system-x86 busybox-static" >&2; exit 2; }
done

# The kernel, once: ~/.cache/selfwright-kernels/PACKAGE.
[ -n "$kernel" ] || kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
there=${XDG_CACHE_HOME:-$HOME/.cache}/selfwright-kernels/$kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -d "$there" ]; then
    (cd "$work" && apt-get download -q "$kernel" > download 2>&1) || { cat "$work/download" >&2; exit 2; }
    dpkg-deb -x "$work/$kernel"_*.deb "$work/kernel"
    mkdir -p "${there%/*}"
    mv "$work/kernel" "$there"
fi

# The first file system: busybox, and what it takes to see the shares.
mkdir -p "$work/first/bin" "$work/first/modules" "$work/shared"
cp "$(command -v busybox)" "$work/first/bin/busybox"
modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci 9pnet 9pnet_virtio netfs fscache 9p overlay"
for module in $modules; do
    find "$there" -name "$module.ko" -exec cp {} "$work/first/modules" \;
done
memory=
for place in tmp var/tmp; do
    case "$PWD/" in "/$place/"*) ;; *) memory="$memory $place" ;; esac
done
cat > "$work/first/init" << END
#!/bin/busybox sh
/bin/busybox --install -s /bin
for module in $modules; do insmod /modules/\$module.ko; done
mkdir -p /lower /above /root
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro files /lower
mount -t tmpfs -o mode=755 none /above
mkdir /above/written /above/work
mount -t overlay -o lowerdir=/lower,upperdir=/above/written,workdir=/above/work none /root
mount -t proc none /root/proc
mount -t sysfs none /root/sys
mount -t devtmpfs none /root/dev
mkdir -p /root/dev/shm /root/dev/pts /root/dev/mqueue
mount -t devpts none /root/dev/pts
for place in dev/shm run $memory; do mount -t tmpfs -o mode=1777 none /root/\$place; done
mkdir /root/run/shared
mount -t 9p -o trans=virtio,version=9p2000.L shared /root/run/shared
exec switch_root /root /bin/sh /run/shared/second
END
chmod +x "$work/first/init"
ln -s bin "$work/first/sbin"
mkdir "$work/first/dev" && (cd "$work/first" && ln -s busybox bin/sh && find . | busybox cpio -o -H newc 2> /dev/null) > "$work/initrd"

# Then this, in the files of this machine. The arguments lie in a file each, so that none is quoted twice.
for argument; do
    printf '%s' "$argument" > "$work/shared/argument$(printf %04d "$(ls "$work/shared" | wc -l)")"
done
cat > "$work/shared/second" << END
ip link set lo up 2>/dev/null || busybox ip link set lo up
groups=/sys/fs/cgroup
case $cgroup in
v2)
    mount -t cgroup2 -o nsdelegate none \$groups
    echo "+memory +pids" > \$groups/cgroup.subtree_control ;;
v1)
    mount -t tmpfs none \$groups
    for each in memory pids cpuacct; do
        mkdir \$groups/\$each && mount -t cgroup -o \$each none \$groups/\$each
    done ;;
esac
case $as in
scope | slice)
    own=\$groups/user
    mkdir \$own
    [ $as = scope ] || { echo "+memory +pids" > \$own/cgroup.subtree_control; own=\$own/session; mkdir \$own; }
    for file in "" /cgroup.procs /cgroup.subtree_control /cgroup.threads; do
        chown 1000:1000 "\$groups/user\$file" "\$own\$file"
    done ;;
esac
cd "$PWD"
export HOME=/tmp PATH="$PATH" LANG=C.UTF-8
set --
for file in /run/shared/argument*; do set -- "\$@" "\$(cat "\$file")"; done
above=\$(readlink -f .venv/bin/python || echo /)
while [ "\$above" != / ]; do above=\$(dirname "\$above") && chmod o+x "\$above"; done
if [ $as != root ]; then
    chown 1000:1000 .
    set -- setpriv --reuid 1000 --regid 1000 --clear-groups "\$@"
fi
(
    [ -z "\${own:-}" ] || echo 0 > "\$own/cgroup.procs"
    exec "\$@"
) < /dev/null
echo \$? > /run/shared/code
sync
busybox poweroff -f
END

timeout --kill-after=10 "${minutes}m" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 4096 -no-reboot \
    -display none -monitor none -serial stdio -nic none \
    -kernel "$there"/boot/vmlinuz-* -initrd "$work/initrd" -append "console=ttyS0 quiet loglevel=1 panic=-1" \
    -virtfs local,path=/,mount_tag=files,security_model=none,readonly=on,multidevs=remap \
    -virtfs local,path="$work/shared",mount_tag=shared,security_model=none < /dev/null &
machine=$!
trap 'kill "$machine" 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait "$machine" || exit $?
[ -s "$work/shared/code" ] || { echo "$0: the machine ended before the command did" >&2; exit 125; }
exit "$(cat "$work/shared/code")"
