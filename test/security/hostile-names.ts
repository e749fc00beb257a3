import type { NameRecords } from "../support/name-server.ts";

/** Public addresses that names of the corpus resolve to. Nobody connects to them: tests let servers here stand in. */
export const PUBLIC = { one: "93.184.215.14", two: "23.215.0.136", v6: "2606:4700::6810:84e5" } as const;

/** A name, what the name servers say of it, and what it tries. */
export type HostileName = readonly [host: string, dns: NameRecords, why: string];

const a = (...addresses: string[]): NameRecords => ({ A: [addresses] });
const aaaa = (...addresses: string[]): NameRecords => ({ AAAA: [addresses] });
const both = (v4: string, v6: string): NameRecords => ({ A: [[v4]], AAAA: [[v6]] });
const alias = (CNAME: string): NameRecords => ({ CNAME });

/** Names of this machine and of metadata services, which no allowed network opens. */
export const CLOSED_NAMES: readonly HostileName[] = [
	["localtest.me", a("127.0.0.1"), "a public name for loopback"],
	["lvh.me", both("127.0.0.1", "::1"), "a public name for loopback in both families"],
	["127.0.0.1.nip.io", a("127.0.0.1"), "a name that spells its address"],
	["169-254-169-254.sslip.io", a("169.254.169.254"), "a name that spells its address"],
	["7f000001.rbndr.test", a("127.0.0.1"), "a name that spells its address in hexadecimal"],
	["metadata.google.internal", a("169.254.169.254"), "metadata of Google"],
	["metadata.google.internal.", a("169.254.169.254"), "metadata of Google with the root's dot"],
	["METADATA.google.INTERNAL", a("169.254.169.254"), "metadata of Google, upper case"],
	["instance-data", a("169.254.169.254"), "metadata of EC2, one label"],
	["instance-data.ec2.internal", a("169.254.169.254"), "metadata of EC2"],
	["metadata.tencentyun.com", a("169.254.0.23"), "metadata of Tencent Cloud"],
	["ecs-metadata.test", a("169.254.170.2"), "credentials of ECS"],
	["alibaba.test", a("100.100.100.200"), "metadata of Alibaba Cloud"],
	["azure-agent.test", a("168.63.129.16"), "Azure's host agent"],
	["zero.test", a("0.0.0.0"), "this host"],
	["v6-loopback.test", aaaa("::1"), "loopback, IPv6 only"],
	["v6-any.test", aaaa("::"), "this host, IPv6 only"],
	["v6-mapped.test", aaaa("::ffff:127.0.0.1"), "IPv4-mapped loopback"],
	["v6-mapped-metadata.test", aaaa("::ffff:169.254.169.254"), "IPv4-mapped metadata"],
	["v6-compatible.test", aaaa("::127.0.0.1"), "IPv4-compatible loopback"],
	["v6-compatible-public.test", aaaa("::8.8.8.8"), "IPv4-compatible, of a public address"],
	["v6-nat64.test", aaaa("64:ff9b::a9fe:a9fe"), "metadata through NAT64"],
	["v6-6to4.test", aaaa("2002:7f00:1::"), "loopback in 6to4"],
	["v6-teredo.test", aaaa("2001:0:4136:e378:8000:63bf:80ff:fffe"), "loopback in Teredo"],
	["v6-link-local.test", aaaa("fe80::1"), "link-local, IPv6 only"],
	["runtime-api.test", a("169.254.100.1"), "the Lambda runtime API of newer runtimes"],
	["v6-imds.test", aaaa("fd00:ec2::254"), "metadata of EC2, IPv6 only"],
	["mixed.test", a(PUBLIC.one, "127.0.0.1"), "a public and a private address"],
	["mixed-many.test", a(PUBLIC.one, PUBLIC.two, "169.254.169.254"), "two public ones and metadata"],
	["mixed-families.test", both(PUBLIC.one, "::1"), "public IPv4, private IPv6"],
	["mixed-families-reversed.test", both("127.0.0.1", PUBLIC.v6), "private IPv4, public IPv6"],
	["alias.test", alias("localtest.me"), "an alias of loopback"],
	["alias-of-alias.test", alias("alias.test"), "an alias of an alias of loopback"],
	["alias-of-metadata.test", alias("metadata.google.internal"), "an alias of metadata"],
	["alias-mixed.test", alias("mixed.test"), "an alias of a mixed name"],
	["silent-v6.test", { A: [["127.0.0.1"]], silent: "AAAA" }, "half an answer, private"],
	["silent-v4.test", { AAAA: [["::1"]], silent: "A" }, "the other half, private"],
	["xn--lclhst-cua.test", a("127.0.0.1"), "punycode"],
	["lôcalhôst.test", a("127.0.0.1"), "an internationalized name"],
	["localhost.attacker.test", a("127.0.0.1"), "localhost as a label of another name"],
	["8.8.8.8.attacker.test", a("127.0.0.1"), "a public address as labels of a name"],
	["*.wild.test", a("127.0.0.1"), "a name that is a wildcard"],
	["_under_score.test", a("127.0.0.1"), "a name with underscores"],
];

/** Names of everything else that is not the public internet. */
export const PRIVATE_NAMES: readonly HostileName[] = [
	["app.10.8.0.1.nip.io", a("10.8.0.1"), "a name that spells its address"],
	["ip-10-0-0-12.ec2.internal", a("10.0.0.12"), "a machine in the VPC"],
	["db.cluster-x.us-east-1.rds.amazonaws.com", a("10.0.3.7"), "a database in the VPC"],
	["internal-lb-1.us-east-1.elb.amazonaws.com", a("10.0.1.4", "10.0.2.4"), "a load balancer in the VPC"],
	["sqs.us-east-1.amazonaws.com", a("10.0.0.9"), "a VPC endpoint with a private name"],
	["kubernetes.default.svc.cluster.local", a("10.96.0.1"), "the Kubernetes API"],
	["host.docker.internal", a("192.168.65.254"), "Docker's host"],
	["intranet", a("192.168.1.5"), "one label"],
	["router.lan", a("192.168.0.1"), "a router"],
	["cgnat.test", a("100.64.7.7"), "carrier NAT"],
	["broadcast.test", a("255.255.255.255"), "broadcast"],
	["multicast.test", a("224.0.0.251"), "multicast"],
	["reserved.test", a("240.0.0.1"), "reserved"],
	["v6-ula.test", aaaa("fd12:3456::1"), "unique local, IPv6 only"],
	["v6-multicast.test", aaaa("ff02::1"), "multicast, IPv6 only"],
	["mixed-reversed.test", a("10.0.0.1", PUBLIC.one), "a private and a public address"],
];

/** Names without an address: nobody may look elsewhere, in /etc/hosts or by parsing the name again. */
export const UNKNOWN_NAMES: readonly HostileName[] = [
	["ip6-localhost", { silent: "AAAA" }, "a name in /etc/hosts"],
	["localhost.localdomain", {}, "a name in /etc/hosts"],
	["empty.test", { A: [[]], AAAA: [[]] }, "empty answers"],
	["alias-of-nothing.test", alias("nothing.test"), "an alias of a name that does not exist"],
	["127.0.0.1..", {}, "an address with two dots: some parsers read loopback"],
	["127.0.0.1.x", {}, "an address with another label"],
];

/** Names that are public first and private from their second resolution on (DNS rebinding). */
export const REBINDING_NAMES: readonly HostileName[] = [
	["rebind.public.test", { A: [[PUBLIC.one], ["127.0.0.1"]] }, "turns to loopback"],
	["rebind-metadata.public.test", { A: [[PUBLIC.one], ["169.254.169.254"]] }, "turns to metadata"],
	["rebind-mixed.public.test", { A: [[PUBLIC.one], [PUBLIC.one, "10.0.0.1"]] }, "turns mixed"],
	["rebind-v6.public.test", { A: [[PUBLIC.one]], AAAA: [[], ["::1"]] }, "gets a private IPv6 address"],
	["rebind-any.public.test", { A: [[PUBLIC.one], ["0.0.0.0"]] }, "turns to this host"],
];
