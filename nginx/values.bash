# What nginx/render takes as a value. Each function ends with success when the value can be right; what is
# wrong is said by its caller, in a sentence. What a name stands for, and whether a file is there, is not looked at:
# the configuration may be for another machine.

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]]; }

is_ipv4() {
	local part parts
	[[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return 1
	IFS=. read -ra parts <<<"$1"
	for part in "${parts[@]}"; do
		[ "$part" -le 255 ] || return 1
	done
}

# Without brackets. nginx itself looks at it more closely.
is_ipv6() { [[ $1 =~ ^[0-9A-Fa-f:.]{2,45}$ && $1 == *:*:* ]]; }

# A number with dots is an address that was mistyped.
is_host_name() {
	[[ ${#1} -le 253 && $1 =~ ^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$ &&
		! $1 =~ ^[0-9.]+$ ]]
}

is_host() { is_ipv4 "$1" || is_host_name "$1" || { [[ $1 == \[*\] ]] && is_ipv6 "${1:1:-1}"; }; }

# The brackets keep an IPv6 address apart from its port.
is_place() { [[ $1 == *:* ]] && is_port "${1##*:}" && is_host "${1%:*}"; }

# What a unix socket's address has room for.
is_socket_path() { [[ $1 == /?* && $1 != *[[:space:]:]* && ${#1} -le 107 ]]; }

# Where nginx listens: a port of all addresses of IPv4, or of one address.
is_listen_address() { is_port "$1" || { [[ $1 == \*:* ]] && is_port "${1#*:}"; } || is_place "$1"; }

is_server_name() { is_ipv4 "$1" || is_host_name "${1#\*.}"; }

# A network, or one address. The whole world is no proxy of ours.
is_network() {
	local address=${1%%/*} bits=${1#*/} most
	if is_ipv4 "$address"; then
		most=32
	elif is_ipv6 "$address"; then
		most=128
	else
		return 1
	fi
	[[ $1 == */* ]] || return 0
	[[ $bits =~ ^[0-9]{1,3}$ && $((10#$bits)) -ge 1 && $((10#$bits)) -le $most ]]
}

is_rate() { [[ $1 =~ ^[1-9][0-9]{0,6}r/[sm]$ ]]; }
is_version() { [[ $1 =~ ^[0-9]+(\.[0-9]+){1,3}$ ]]; }
is_path() { [[ $1 == /* ]]; }
is_user() { [[ $1 =~ ^[a-z_][a-z0-9_-]{0,31}$ ]]; }
is_yes_or_no() { [[ $1 == yes || $1 == no ]]; }
