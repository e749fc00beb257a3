import { PUBLIC } from "./hostile-names.ts";

/** A whole URL and what it tries. */
export type HostileForm = readonly [url: string, why: string];

/** Nothing that could be a webhook: wrong schemes, and hosts that no URL can have. */
export const NOT_URLS: readonly HostileForm[] = [
	["file:///etc/passwd", "reads a file"],
	["gopher://127.0.0.1:6379/_FLUSHALL", "speaks any protocol"],
	["ftp://127.0.0.1/", "FTP"],
	["dict://127.0.0.1:11211/stats", "speaks to memcached"],
	["ldap://127.0.0.1/", "LDAP"],
	["tftp://127.0.0.1/file", "TFTP"],
	["sftp://127.0.0.1/", "SFTP"],
	["jar:https://127.0.0.1!/", "Java's archives"],
	["data:text/plain,hello", "data"],
	["javascript:fetch('http://127.0.0.1')", "a script"],
	["ws://127.0.0.1/", "WebSocket"],
	["wss://127.0.0.1/", "WebSocket over TLS"],
	["unix:///var/run/docker.sock", "a Unix socket"],
	["http+unix://%2Fvar%2Frun%2Fdocker.sock/", "HTTP over a Unix socket"],
	["blob:https://example.com/0", "a blob"],
	["about:blank", "nothing"],
	["//127.0.0.1/", "no scheme"],
	["127.0.0.1/", "no scheme, no slashes"],
	["https:127.0.0.1/", "no slashes"],
	["https:/127.0.0.1/", "one slash"],
	["\thttps://127.0.0.1/", "a tab in front"],
	["h\nttps://127.0.0.1/", "a newline in the scheme"],
	["https://4294967296/", "overflows 32 bits"],
	["https://0x100000000/", "overflows 32 bits in hexadecimal"],
	["https://0x7f00000001/", "overflows 32 bits with loopback in front"],
	["https://127.0.0.256/", "a part overflows"],
	["https://127.0.0.1.5/", "five parts"],
	["https://1.2.3.08/", "no octal number"],
	["https://[fe80::1%25eth0]/", "a zone in IPv6 (RFC 6874)"],
	["https://[fe80::1%eth0]/", "a zone in IPv6"],
	["https://[::1", "an open bracket"],
	["https://[127.0.0.1]/", "IPv4 in brackets"],
	["https://[::ffff:127.1]/", "a short IPv4 tail"],
	["https://127.0.0.1%00.example.com/", "a zero byte ends the host for some"],
	["https://127.0.0.1%0d%0aHost:example.com/", "a header in the host"],
	["https://127.0.0.1%2f.example.com/", "a slash in the host"],
	["https://exa mple.com/", "a space in the host"],
	["https://127.0.0.1:99999/", "a port that overflows"],
	["https://127.0.0.1:-1/", "a negative port"],
	["https:///", "no host"],
];

/** Which of two hosts is meant? */
export const WITH_USERINFO: readonly HostileForm[] = [
	["http://public.test@127.0.0.1/", "public by its user name"],
	["https://public.test:443@127.0.0.1/", "public by user name and password"],
	["https://public.test%2f@127.0.0.1/", "public with an encoded slash"],
	["https://127.0.0.1@public.test/", "private by its user name"],
	["https://@127.0.0.1:pw@[::1]/", "two at signs"],
	["https://public.test&@127.0.0.1#@public.test/", "an ampersand and a fragment"],
	["https://:@127.0.0.1:x@169.254.169.254/", "an empty user name"],
	["https://public.test;@169.254.169.254/", "a semicolon"],
];

/** Characters that some parsers skip and for others end the host. */
export const AMBIGUOUS: readonly HostileForm[] = [
	["https://public.test\\@127.0.0.1/", "a backslash is a slash for browsers only"],
	["https://\\127.0.0.1/", "a backslash after the slashes"],
	["https://127.0.0.1\\.public.test/", "a backslash ends the host"],
	["https://127.0.\t0.1/", "a tab in the host"],
	["https://127.0.0.1\n.public.test/", "a newline in the host"],
	["https://public.test\r\n@127.0.0.1/", "a line break before an at sign"],
	["https://local\thost/", "a tab in localhost"],
	["https://public.test/\r\nHost: 127.0.0.1", "a header in the path"],
	["https://public.test/\u0000", "a zero byte in the path"],
];

/** The host is one thing, whatever the rest looks like. */
export const DISGUISED: readonly HostileForm[] = [
	["https://127.0.0.1#@public.test/", "a fragment ends the host"],
	["https://127.0.0.1?@public.test/", "a query ends the host"],
	["https://127.0.0.1/@public.test/", "a path ends the host"],
	["https://127.0.0.1:443/.public.test/", "a port ends the host"],
	["https:////127.0.0.1/", "too many slashes"],
	["HTTPS://127.0.0.1/", "upper case"],
	["https://127.0.0.1:00443/", "a port with zeros in front"],
	["https://[::1]?x=https://public.test", "public in the query"],
	["https://169.254.169.254/latest/meta-data/iam/security-credentials/", "credentials of EC2"],
	["https://169.254.170.2/v2/credentials/", "credentials of ECS"],
	["https://127.0.0.1:9001/2018-06-01/runtime/init/error", "the runtime API ends the function"],
	["https://0.0.0.0:9001/2018-06-01/runtime/invocation/next", "the runtime API by way of this host"],
];

/** Plain HTTP, which this deployment does not speak. */
export const PLAIN: readonly HostileForm[] = [
	["http://public.test/", "public"],
	[`http://${PUBLIC.one}/`, "a public address"],
	["http://127.0.0.1/", "loopback"],
	["http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "the Lambda runtime API"],
	["http://169.254.169.254/latest/api/token", "metadata of EC2, version 2"],
	["http://169.254.169.254/metadata/instance?api-version=2021-02-01", "metadata of Azure"],
	["http://metadata.google.internal/computeMetadata/v1/", "metadata of Google"],
	["http://100.100.100.200/latest/meta-data/", "metadata of Alibaba Cloud"],
	["http://localhost:2375/containers/create", "Docker's API"],
	["http://169.254.170.23/v1/credentials", "credentials of EKS pods"],
];

/** Ports of services that might take a request for commands. */
export const DENIED_PORTS: readonly (readonly [url: string, port: number, why: string])[] = [
	["https://public.test:25/", 25, "mail"],
	["https://public.test:0/", 0, "no port"],
	[`https://${PUBLIC.one}:53/`, 53, "DNS"],
	["https://public.test:22/", 22, "SSH"],
	["https://public.test:6667/", 6_667, "IRC"],
	["https://public.test:00587/", 587, "mail, with zeros in front"],
	["https://127.0.0.1:25/", 25, "mail on this machine"],
	["http://public.test:2049/", 2_049, "NFS"],
];
