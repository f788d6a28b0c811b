#!/bin/bash
# Installs a package of Dragoman in a fresh root, looks at it, removes and purges it; run by try.sh.
# Prints a line for each thing tried, then "N passed, N failed"; ends with 1 when anything failed.
#
# Usage: tests/packages/installed.sh PACKAGE, as root in a root of its own.
set -u

package=$1
doc=/usr/share/doc/dragoman
passed=0 failed=0

ok() { # WHAT, COMMAND...: the command succeeds
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1)) && echo "ok $what"
    else
        failed=$((failed + 1)) && echo "FAILED $what: $said"
    fi
}

has() { # WORDS, COMMAND...: it prints them
    local words=$1
    shift
    "$@" 2>&1 | grep -qF -- "$words" || { "$@" 2>&1 | head -5; return 1; }
}

# Everything but what apt and dpkg keep of anything, and what is made while one works.
everything() {
    find / \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /root -o -path /var/cache \
        -o -path /var/log -o -path /var/lib/apt -o -path /var/lib/dpkg -o -name __pycache__ \) -prune -o -print | sort
}

no() { ! "$@"; }

# ---- before ----
apt-get install -q -y --no-install-recommends man-db systemd zsh >/dev/null 2>&1 || exit 1
everything >/tmp/before
export MANPAGER=cat MANROFFOPT=-Tascii

ok "apt installs it" apt-get install -q -y --no-install-recommends "$package"

# ---- what it brought ----
ok "its version" has "dragoman 0." dragoman version
ok "dragoman(1)" has "chat server" man dragoman
ok "dragoman.cfg(5)" has "trusted_proxies" man 5 dragoman.cfg
ok "dragoman-backend(7)" has "READY" man dragoman-backend
ok "the sample configuration" dragoman check -c $doc/examples/dragoman.cfg
ok "the sample of routes" dragoman check -c $doc/examples/routing.cfg
ok "the samples that are programs" test -s $doc/examples/dice.py -a -s $doc/examples/auth.js
ok "the libraries for backends" test -s /usr/share/dragoman/clients/dragoman.py -a -s /usr/share/dragoman/clients/dragoman.js
ok "the page names them" has /usr/share/dragoman/clients/dragoman.py man dragoman-backend
ok "the schema, where the page says" test -s /usr/share/dragoman/schema/envelope.schema.json
ok "the page names it" has /usr/share/dragoman/schema/envelope.schema.json man dragoman-backend
ok "the page that a sample names" has $doc/metrics.md cat $doc/examples/prometheus/prometheus.yml -- $doc/metrics.md
ok "README.Debian and changelog" test -s $doc/README.Debian -a -s $doc/changelog.gz -a -s $doc/copyright
ok "bash completes its commands" has "routes" bash -c ". /usr/share/bash-completion/completions/dragoman
    COMP_WORDS=(dragoman rou) COMP_CWORD=1; _dragoman; echo \"\${COMPREPLY[@]}\""
ok "zsh knows its completion" has "_dragoman" zsh -fc 'autoload -U compinit; compinit -u; echo $_comps[dragoman]'

# ---- it runs ----
said=/tmp/demo
(cd /tmp && exec dragoman demo --port 0 --print-json) >$said 2>/tmp/demo.log &
demo=$!
for _ in $(seq 100); do [ -s $said ] || sleep 0.1; done
port=$(grep -o '"port":[0-9]*' $said | head -1 | cut -d: -f2)

asked() { # REQUEST: the first line of the answer
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf "$1\r\n" >&3
    head -1 <&3
    exec 3<&-
}

ok "the demo tells its port" test -n "$port"
ok "the demo has its page" has "200 OK" asked "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
ok "the demo speaks WebSocket" has "101 " asked "GET /simple HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Basic ZGVlOng=\r\n"
kill -TERM $demo
wait $demo
ok "the demo ends with 0" test $? -eq 0

# ---- the service ----
unit=/usr/lib/systemd/system/dragoman.service
ok "the unit passes systemd-analyze verify" systemd-analyze verify $unit
ok "the service is not enabled" has disabled systemctl is-enabled dragoman.service
ok "the sockets are not enabled" has disabled systemctl is-enabled dragoman.socket
ok "the service can be enabled" systemctl enable dragoman.service dragoman.socket
ok "no user was made" no grep -q dragoman /etc/passwd

# As an administrator would, by README.Debian; its lines take the place of those in the sample.
config=/etc/dragoman/dragoman.cfg
dragoman defaultconfig >$config
for directive in state pid_file; do
    line=$(grep -oE "^    $directive = \"[^\"]*\";" $doc/README.Debian)
    ok "README.Debian says what $directive is" test -n "$line"
    sed -i "s#^$directive = .*#$line#" $config
done
sed -i "s#port = 7000;#port = 0;#" $config # the network is that of the machine around
ok "check takes the configuration" dragoman check -c $config

# As systemd would, with the commands of the unit, and the folders that it makes.
of_unit() { sed -n "s/^$1=//p" $unit; }
served() { setpriv --reuid nobody --regid nogroup --clear-groups env RUNTIME_DIRECTORY=/run/dragoman "$@"; }
mkdir -p /var/lib/private/dragoman /run/dragoman && ln -s private/dragoman /var/lib/dragoman
chown nobody:nogroup /var/lib/private/dragoman /run/dragoman
chmod 711 /var/lib/private
served $(of_unit ExecStart) >/tmp/service.log 2>&1 &
service=$!
for _ in $(seq 100); do [ -S /run/dragoman/control ] || sleep 0.1; done
ok "the service runs" has "Dragoman 0." dragoman status
ok "its reload" served $(of_unit ExecReload)
ok "it keeps its state" test -s /var/lib/dragoman/ids
ok "it is drained" dragoman drain --timeout 1s
wait $service
ok "the service ends with 0" test $? -eq 0

# ---- without it ----
ok "apt removes it" apt-get remove -q -y dragoman
ok "the program is gone" no test -e /usr/bin/dragoman
ok "the configuration is kept" test -s /etc/dragoman/dragoman.cfg
ok "what the service has kept is kept" test -e /var/lib/dragoman/ids
ok "apt purges it" apt-get purge -q -y dragoman
ok "dpkg does not know it" no dpkg-query -W dragoman
# What another package only recommends goes, too: it was not there before.
apt-get -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
    autoremove --purge -q -y >/dev/null 2>&1
everything >/tmp/after
ok "nothing is left" diff /tmp/before /tmp/after

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
