import { CachedKeyCipher } from "../../lambda/adapters/cached-key-cipher.ts";
import { CachedKeyStore } from "../../lambda/adapters/cached-key-store.ts";
import { CachedQueueStore } from "../../lambda/adapters/cached-queue-store.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import { LEASE_SECONDS, WORK_TIMEOUT_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { Log, Ports } from "../../lambda/ports.ts";
import type { Chronicle } from "./chronicle.ts";
import type { ClusterShape } from "./cluster-shape.ts";
import { EventSource } from "./event-source.ts";
import { Host } from "./host.ts";
import { ModelDeliveryQueue } from "./model/model-delivery-queue.ts";
import { ModelWorkQueue } from "./model/model-work-queue.ts";
import { createModelWorld, type ModelWorld } from "./model/model-world.ts";
import { ObservedTaskStore } from "./observed-task-store.ts";
import type { PortCalls } from "./port-calls.ts";
import type { Process } from "./process.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { WebhookNetwork } from "./webhook-network.ts";

/** Invocations at the same time in one embedded server. */
const EMBEDDED_CAPACITY = 256;

/** Requests that one API process answers at the same time. On Lambda each has a process of its own. */
const API_CAPACITY = 4;

/** Time that an invocation of the drain and of the reconcile function may take (lib/). */
const DRAIN_TIMEOUT_SECONDS = 30;
const RECONCILE_TIMEOUT_SECONDS = 900;

/** The dead-letter queue's consumer takes its messages in small batches. */
const DRAIN_BATCH_SIZE = 5;

/** Receivers are simulated: they have no addresses. */
const ADDRESS_POLICY = addressPolicy({ allowPrivate: true });

type Options = Readonly<{
	shape: ClusterShape;
	time: VirtualTime;
	random: SeededRandom;
	calls: PortCalls;
	network: WebhookNetwork;
	chronicle: Chronicle;
	trace: Trace;
	log: Log;
	/** Whether what happens outside of port calls may go wrong now. */
	isDisturbed: () => boolean;
}>;

/** The whole service: its processes, what they keep, and what brings them their work. */
export class Cluster {
	readonly world: ModelWorld;
	readonly #options: Options;
	readonly #tasks: ObservedTaskStore;
	readonly #hosts: Readonly<Record<"api" | "deliver" | "work" | "background", readonly Host[]>>;
	readonly #sources: readonly { arm(): void }[];
	/** When a schedule fires next. Epoch ms. */
	#fireAt = Number.POSITIVE_INFINITY;

	constructor(options: Options) {
		this.#options = options;
		const { shape, time, random, chronicle } = options;
		this.world = createModelWorld({
			clock: { now: () => Math.floor(time.now()) },
			precision: shape.precision,
			scheduleLateness: () => (shape.precision === "aws" ? random.int(0, 60_000) : 0),
			walkPageSize: random.pick([3, 100]),
		});
		this.#tasks = new ObservedTaskStore(this.world.stores.tasks, chronicle);
		this.#hosts = this.#createHosts();
		this.#sources = this.#createSources();
	}

	get apiHosts(): readonly Host[] {
		return this.#hosts.api;
	}

	get hosts(): readonly Host[] {
		return [...new Set(Object.values(this.#hosts).flat())];
	}

	/** Work may have become due, or somebody free to do it. */
	arm(): void {
		for (const source of this.#sources) source.arm();
		this.#armSchedules();
	}

	/** Looks for stalled tasks, as happens once a day. */
	reconcile(): void {
		const [host] = this.#hosts.background;
		if (!host?.hasRoom) return;
		const { time } = this.#options;
		const deadline = time.now() + RECONCILE_TIMEOUT_SECONDS * 1_000;
		const context = { getRemainingTimeInMillis: () => deadline - time.now() };
		host.invoke(
			RECONCILE_TIMEOUT_SECONDS,
			({ reconcile }) => reconcile({}, context),
			() => this.arm(),
		);
	}

	#createHosts() {
		const { shape } = this.#options;
		const hosts = (name: string, count: number, capacity = 1): Host[] =>
			Array.from({ length: count }, (_, index) => this.#createHost(`${name}-${index + 1}`, capacity));
		if (shape.isOneProcess) {
			const server = hosts("server", 1, EMBEDDED_CAPACITY);
			return { api: server, deliver: server, work: server, background: server };
		}
		return {
			api: hosts("api", shape.api, API_CAPACITY),
			deliver: hosts("deliver", shape.deliver),
			work: hosts("work", shape.work),
			background: hosts("background", 1),
		};
	}

	#createHost(name: string, capacity: number): Host {
		const { shape, time, random } = this.#options;
		return new Host({
			name,
			capacity,
			endsSlowInvocations: !shape.isOneProcess,
			maxClockOffsetMs: shape.maxClockOffsetMs,
			time,
			random: random.fork(),
			portsOf: (process) => this.#portsOf(process),
			onRoom: () => this.arm(),
		});
	}

	#createSources() {
		const { shape, time, random, trace, isDisturbed } = this.#options;
		const { messages, workMessages, deadLetters } = this.world;
		const common = () => ({
			time,
			random: random.fork(),
			trace,
			losesDeletes: () => isDisturbed() && random.chance(0.03),
		});
		const { deliver, work, background } = this.#hosts;
		return [
			new EventSource({
				...common(),
				name: "delivery queue",
				queue: messages,
				hosts: deliver,
				batchSize: shape.batchSize,
				timeoutSeconds: LEASE_SECONDS,
				handle: (handlers, event) => handlers.deliver(event, {}),
			}),
			new EventSource({
				...common(),
				name: "work queue",
				queue: workMessages,
				hosts: work,
				batchSize: 1,
				timeoutSeconds: WORK_TIMEOUT_SECONDS,
				handle: (handlers, event) => handlers.work(event, {}),
			}),
			new EventSource({
				...common(),
				name: "dead letters",
				queue: deadLetters,
				hosts: background,
				batchSize: DRAIN_BATCH_SIZE,
				timeoutSeconds: DRAIN_TIMEOUT_SECONDS,
				handle: (handlers, event) => handlers.drain(event, {}),
			}),
		];
	}

	/** Every process reaches what is kept through calls that can fail, and remembers some of it for itself. */
	#portsOf(process: Process): Ports {
		const { shape, calls, network, random, log } = this.#options;
		const { stores, messages, workMessages } = this.world;
		const { precision } = shape;
		// Where other processes remember things too, a change has to wait until they have forgotten.
		const timer = shape.isOneProcess ? undefined : process;
		const wrap = <Port extends object>(name: string, port: Port): Port => calls.wrap(process, name, port);
		const sender = <Port extends { send: (messages: never) => Promise<void> }>(port: Port): Port =>
			this.#arming(port, "send");
		return {
			tasks: wrap("tasks", this.#tasks),
			idempotency: wrap("idempotency", stores.idempotency),
			queues: new CachedQueueStore({
				store: wrap("queues", stores.queues),
				clock: process,
				timer,
			}),
			keys: new CachedKeyStore({ store: wrap("keys", stores.keys), clock: process, timer }),
			cipher: new CachedKeyCipher(wrap("cipher", stores.cipher), process),
			line: wrap("line", stores.line),
			pumpSheets: wrap("pumpSheets", stores.pumpSheets),
			jobs: wrap("jobs", stores.jobs),
			deliveryQueue: wrap(
				"deliveryQueue",
				sender(new ModelDeliveryQueue({ messages, clock: process, precision })),
			),
			workQueue: wrap(
				"workQueue",
				sender(new ModelWorkQueue({ messages: workMessages, clock: process, precision })),
			),
			scheduler: wrap("scheduler", this.#arming(stores.scheduler, "schedule")),
			webhooks: network.client(process),
			clock: process,
			timer: process,
			random: random.fork().port(),
			log,
			addressPolicy: ADDRESS_POLICY,
			flowLimits: shape.flowLimits,
		};
	}

	/** `port`, and whoever waits for what it sends is told. */
	#arming<Port extends object>(port: Port, method: keyof Port): Port {
		return new Proxy(port, {
			get: (target, member) => {
				const value: unknown = Reflect.get(target, member, target);
				if (typeof value !== "function") return value;
				return async (...parameters: unknown[]) => {
					const result: unknown = await value.apply(target, parameters);
					if (member === method) this.arm();
					return result;
				};
			},
		});
	}

	#armSchedules(): void {
		const { time } = this.#options;
		const { scheduler } = this.world.stores;
		const fireAt = scheduler.nextFireAt();
		if (fireAt === undefined || fireAt >= this.#fireAt) return;
		this.#fireAt = fireAt;
		time.after(fireAt - time.now(), () => {
			if (this.#fireAt !== fireAt) return;
			this.#fireAt = Number.POSITIVE_INFINITY;
			scheduler.moveDue(Math.floor(time.now()));
			this.arm();
		});
	}
}
