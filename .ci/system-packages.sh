#!/bin/sh
# Install PostGIS, Chromium and Poppler for the tests with the system's package manager, when this user may; else say so and go on.
set -u
need=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || need="chromium"
ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || need="$need postgresql-postgis"
command -v pdftotext >/dev/null 2>&1 || need="$need poppler-utils"
[ -z "$need" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "No apt-get here: tests that need$(printf ' %s' $need) will be skipped unless you install them."
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Not allowed to install packages: tests that need $need will be skipped. As root: apt-get install $need"
    exit 0
fi
echo "Installing $need for the tests"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# A policy that answers 101 keeps a database server that is only wanted by tests from being started as a service.
policy=/usr/sbin/policy-rc.d
made_policy=""
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy" && made_policy=1
fi
if ! { $as_root apt-get update && $as_root apt-get install --yes --no-install-recommends $need; } >"$log" 2>&1; then
    echo "They could not be installed; the tests that need them will be skipped. The last lines of apt-get:"
    tail -n 5 "$log"
fi
[ -n "$made_policy" ] && $as_root rm -f "$policy"
rm -f "$log"
exit 0
