#!/bin/sh
# The programs of others that `make check-doors` tries with the server, with apt-get as root or with
# sudo, as far as they are missing. Usage: tests/doors/install.sh
set -eu

missing=""
PATH=$PATH:/usr/sbin command -v nginx >/dev/null 2>&1 || missing="nginx-light"
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing="$missing libnginx-mod-stream"
PATH=$PATH:/usr/sbin command -v haproxy >/dev/null 2>&1 || missing="$missing haproxy"
command -v fail2ban-regex >/dev/null 2>&1 || missing="$missing fail2ban"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
[ -n "$missing" ] || exit 0

as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
echo "check-doors needs these Debian packages, which are not installed: $missing"
echo "Installing them with ${as_root:+$as_root }apt-get."
$as_root apt-get -q update >/dev/null || true
# RUNLEVEL keeps a package from starting its service.
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get -q -y install --no-install-recommends $missing >/dev/null || {
    echo "They could not be installed. Please install them yourself:
    $missing" >&2
    exit 1
}
