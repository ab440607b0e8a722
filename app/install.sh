# Read by app/start.sh and tests/run.sh: the Debian packages Streamwright is built from, and how missing
# ones are installed.
build_packages=(
    g++ cmake ninja-build ccache pkg-config
    libboost1.81-dev libboost-json1.81-dev libssl-dev libsqlite3-dev libpq-dev libsimdjson-dev libzstd-dev libpcre2-dev libicu-dev librdkafka-dev
    libfmt-dev libcli11-dev libhowardhinnant-date-dev tzdata
)
designer_packages=(qt6-base-dev qt6-svg-dev libqcustomplot-dev libgraphviz-dev)
# What the designer looks good with.
desktop_packages=(fonts-inter fonts-dejavu-core breeze-icon-theme qt6-qpa-plugins libqt6svg6)
test_packages=(
    python3 sqlite3 curl netcat-openbsd postgresql-15 maven default-jdk-headless openssl kcat procps "${desktop_packages[@]}"
    xvfb openbox xdotool x11-utils imagemagick dbus at-spi2-core python3-pyatspi locales qt6-l10n-tools
)

# Installs those of the named packages that are missing; says which, and needs root or sudo only then.
install_missing()
{
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing with apt: ${missing[*]}"
    local become=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "These packages are missing and need root: run as root, install sudo, or run: apt-get install ${missing[*]}" >&2; exit 1; }
        become=(sudo)
    fi
    "${become[@]}" apt-get update -qq
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
