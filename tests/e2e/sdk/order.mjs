// The order example, driven by the AWS SDK for JavaScript as it comes.  Prints TAP.
//
// Everything that leads the SDK here is in the environment that it reads anyway:
// AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
// ORDER is the folder of the example; its functions are registered already.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as sfn from "@aws-sdk/client-sfn";
import * as sqs from "@aws-sdk/client-sqs";

const {
	CreateStateMachineCommand, DeleteStateMachineCommand, DescribeExecutionCommand,
	DescribeStateMachineCommand, DescribeStateMachineForExecutionCommand,
	GetExecutionHistoryCommand, ListExecutionsCommand, ListTagsForResourceCommand,
	SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand,
	StartExecutionCommand, StopExecutionCommand, TagResourceCommand,
	UntagResourceCommand, UpdateStateMachineCommand,
	ValidateStateMachineDefinitionCommand, paginateGetExecutionHistory,
	paginateListExecutions, paginateListStateMachines,
} = sfn;

const PATIENCE_MS = 60000;
const ROLE = "arn:aws:iam::111111111111:role/order";
const NAMES = ["approved", "rejected", "approval-timeout", "credit-fails-twice",
    "card-declined", "bad-input"];

const states = new sfn.SFNClient({});
const queues = new sqs.SQSClient({});

const text = (...path) => readFileSync(join(process.env.ORDER, ...path), "utf8");
const definition = text("order.asl.json");
// White space around the value is no part of it.
const input = (name) => text("inputs", name + ".json").trim();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let number = 0, failed = 0;

async function test(name, run) {
	number++;
	try {
		await run();
		console.log(`ok ${number} - ${name}`);
	} catch (e) {
		failed++;
		console.log(`not ok ${number} - ${name}`);
		console.log(String(e.stack).replace(/^/gm, "# "));
		if (e.$metadata)
			console.log("# " + JSON.stringify(e.$metadata));
	}
}

// The call must fail with an error of this class of the SDK.
async function refused(command, kind, client = states) {
	try {
		await client.send(command);
	} catch (e) {
		assert.ok(e instanceof kind, `${e.name}: ${e.message}, not a ${kind.name}`);
		assert.equal(e.name, kind.name);
		assert.equal(e.$fault, "client");
		assert.equal(e.$metadata.httpStatusCode, 400);
		assert.match(e.$metadata.requestId, /^[0-9a-f-]{36}$/);
		assert.ok(e.message.length > 0);
		return e;
	}
	throw new Error(`it succeeded, instead of ${kind.name}`);
}

function isDate(value) {
	assert.ok(value instanceof Date, `${value} is not a Date`);
	assert.ok(Math.abs(value - Date.now()) < 10 * 60000, `${value} is not now`);
}

async function ended(executionArn, status) {
	const until = Date.now() + PATIENCE_MS;
	for (;;) {
		const d = await states.send(new DescribeExecutionCommand({ executionArn }));
		if (d.status !== "RUNNING") {
			assert.equal(d.status, status, `${d.error}: ${d.cause}`);
			isDate(d.startDate);
			isDate(d.stopDate);
			assert.ok(d.stopDate >= d.startDate);
			return d;
		}
		assert.ok(Date.now() < until, "it does not end");
		await pause(50);
	}
}

async function all(paginator, member) {
	const items = [];
	let pages = 0;
	for await (const page of paginator) {
		items.push(...page[member]);
		pages++;
	}
	return { items, pages };
}

const history = async (executionArn, more = {}) => (await all(paginateGetExecutionHistory(
    { client: states, pageSize: 1000 }, { executionArn, ...more }), "events")).items;

// Machines and executions that the tests share.
const arn = {};
const url = {};
let machine;

async function asked(orderId) {
	const until = Date.now() + PATIENCE_MS;
	while (Date.now() < until) {
		const { Messages = [] } = await queues.send(new sqs.ReceiveMessageCommand({
			QueueUrl: url.approvals, WaitTimeSeconds: 2, VisibilityTimeout: 1,
		}));
		for (const m of Messages) {
			const body = JSON.parse(m.Body);
			if (body.order !== orderId)
				continue;
			await queues.send(new sqs.DeleteMessageCommand({
				QueueUrl: url.approvals, ReceiptHandle: m.ReceiptHandle,
			}));
			return body.decideAt.split("/").at(-1);
		}
	}
	throw new Error("nobody asks about " + orderId);
}

// ---- before the orders ----

await test("CreateQueue, GetQueueUrl, ListQueues", async () => {
	for (const name of ["approvals", "notifications"]) {
		const QueueName = "order-" + name;
		url[name] = (await queues.send(new sqs.CreateQueueCommand({ QueueName }))).QueueUrl;
		const again = await queues.send(new sqs.GetQueueUrlCommand({ QueueName }));
		assert.equal(again.QueueUrl, url[name]);
	}
	const { QueueUrls } = await queues.send(new sqs.ListQueuesCommand({}));
	assert.deepEqual(QueueUrls.sort(), Object.values(url).sort());
	await assert.rejects(queues.send(new sqs.GetQueueUrlCommand({ QueueName: "none" })),
	    (e) => e instanceof sqs.QueueDoesNotExist);
});

await test("ValidateStateMachineDefinition", async () => {
	const good = await states.send(new ValidateStateMachineDefinitionCommand({ definition }));
	assert.deepEqual([good.result, good.diagnostics], ["OK", []]);
	const broken = JSON.parse(definition);
	broken.States.Charge.Next = "Nowhere";
	const bad = await states.send(new ValidateStateMachineDefinitionCommand({
		definition: JSON.stringify(broken),
	}));
	assert.equal(bad.result, "FAIL");
	assert.equal(bad.diagnostics[0].severity, "ERROR");
	assert.match(bad.diagnostics[0].message, /Nowhere/);
	assert.match(bad.diagnostics[0].location, /Charge/);
});

await test("CreateStateMachine, and again: the same", async () => {
	const params = { name: "order", definition, roleArn: ROLE };
	const made = await states.send(new CreateStateMachineCommand(params));
	isDate(made.creationDate);
	machine = made.stateMachineArn;
	assert.equal(machine, "arn:aws:states:us-east-1:111111111111:stateMachine:order");
	const again = await states.send(new CreateStateMachineCommand(params));
	assert.deepEqual([again.stateMachineArn, again.creationDate],
	    [machine, made.creationDate]);
});

await test("CreateStateMachine refuses with the SDK's own errors", async () => {
	const make = (more) => new CreateStateMachineCommand({
		name: "other", definition, roleArn: ROLE, ...more,
	});
	await refused(make({ name: "order", definition: '{"StartAt":"A","States":{"A":' +
	    '{"Type":"Succeed"}}}' }), sfn.StateMachineAlreadyExists);
	await refused(make({ definition: "{" }), sfn.InvalidDefinition);
	await refused(make({ definition: '{"StartAt":"A","States":{}}' }), sfn.InvalidDefinition);
	await refused(make({ name: "a/b" }), sfn.InvalidName);
	await refused(make({ roleArn: "nobody" }), sfn.InvalidArn);
});

await test("UpdateStateMachine, DescribeStateMachine", async () => {
	const before = await states.send(new DescribeStateMachineCommand({
		stateMachineArn: machine,
	}));
	assert.equal(before.definition, definition);
	isDate(before.creationDate);
	assert.deepEqual([before.name, before.type, before.status, before.roleArn],
	    ["order", "STANDARD", "ACTIVE", ROLE]);
	const changed = JSON.stringify({ ...JSON.parse(definition), Comment: "changed" });
	for (const text of [changed, definition]) {
		const updated = await states.send(new UpdateStateMachineCommand({
			stateMachineArn: machine, definition: text,
		}));
		isDate(updated.updateDate);
		const after = await states.send(new DescribeStateMachineCommand({
			stateMachineArn: machine,
		}));
		assert.equal(after.definition, text);
		assert.equal(after.revisionId, updated.revisionId);
		assert.notEqual(after.revisionId, before.revisionId);
	}
	await refused(new UpdateStateMachineCommand({ stateMachineArn: machine + "x", definition }),
	    sfn.StateMachineDoesNotExist);
	await refused(new UpdateStateMachineCommand({ stateMachineArn: machine }),
	    sfn.MissingRequiredParameter);
});

await test("ListStateMachines, page by page", async () => {
	for (const name of ["second", "third"])
		await states.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE }));
	const { items, pages } = await all(paginateListStateMachines(
	    { client: states, pageSize: 1 }, {}), "stateMachines");
	assert.deepEqual(items.map((m) => m.name).sort(), ["order", "second", "third"]);
	assert.ok(pages >= 3);
	items.forEach((m) => isDate(m.creationDate));
});

await test("TagResource, ListTagsForResource, UntagResource", async () => {
	const tags = [{ key: "team", value: "shop" }, { key: "of", value: "us" }];
	await states.send(new TagResourceCommand({ resourceArn: machine, tags }));
	await states.send(new UntagResourceCommand({ resourceArn: machine, tagKeys: ["of"] }));
	const got = await states.send(new ListTagsForResourceCommand({ resourceArn: machine }));
	assert.deepEqual(got.tags, [tags[0]]);
});

// ---- the orders ----

await test("StartExecution: every order", async () => {
	for (const name of NAMES) {
		const params = { stateMachineArn: machine, name, input: text("inputs", name + ".json") };
		const started = await states.send(new StartExecutionCommand(params));
		isDate(started.startDate);
		arn[name] = started.executionArn;
		assert.equal(arn[name], machine.replace("stateMachine", "execution") + ":" + name);
	}
});

await test("StartExecution again: the same execution, or a conflict", async () => {
	const params = { stateMachineArn: machine, name: "approved", input: input("approved") };
	const first = await states.send(new DescribeExecutionCommand({ executionArn: arn.approved }));
	for (const text of [params.input, `\n${params.input} \n`]) {
		const again = await states.send(new StartExecutionCommand({ ...params, input: text }));
		assert.deepEqual([again.executionArn, again.startDate],
		    [arn.approved, first.startDate]);
	}
	assert.deepEqual([first.status, first.input, first.stopDate],
	    ["RUNNING", input("approved"), undefined]);
	await refused(new StartExecutionCommand({ ...params, input: "{}" }),
	    sfn.ExecutionAlreadyExists);
	await refused(new StartExecutionCommand({ ...params, name: "x", input: "{" }),
	    sfn.InvalidExecutionInput);
	await refused(new StartExecutionCommand({ ...params, name: "a b" }), sfn.InvalidName);
	await refused(new StartExecutionCommand({ stateMachineArn: machine + "x" }),
	    sfn.StateMachineDoesNotExist);
	await refused(new StartExecutionCommand({ stateMachineArn: "nothing" }), sfn.InvalidArn);
});

await test("approved: ReceiveMessage, SendTaskHeartbeat, SendTaskSuccess", async () => {
	const taskToken = await asked("A-1001");
	await states.send(new SendTaskHeartbeatCommand({ taskToken }));
	await refused(new SendTaskSuccessCommand({ taskToken, output: "{" }), sfn.InvalidOutput);
	await states.send(new SendTaskSuccessCommand({
		taskToken, output: JSON.stringify({ decision: "approved", by: "sdk" }),
	}));
	const d = await ended(arn.approved, "SUCCEEDED");
	const output = JSON.parse(d.output);
	assert.deepEqual(output.approval, { decision: "approved", by: "sdk" });
	assert.equal(output.receipt.chargedCents, 79800);
	assert.equal(output.parcels[1].label, "A-1001/2: 1 x DESK-3");
	await refused(new SendTaskSuccessCommand({ taskToken, output: "1" }), sfn.TaskTimedOut);
	await refused(new SendTaskFailureCommand({ taskToken }), sfn.TaskTimedOut);
	await refused(new SendTaskHeartbeatCommand({ taskToken }), sfn.TaskTimedOut);
	assert.deepEqual((await ended(arn.approved, "SUCCEEDED")).output, d.output);
});

await test("rejected: SendTaskFailure", async () => {
	const taskToken = await asked("A-1002");
	await states.send(new SendTaskFailureCommand({ taskToken, error: "Rejected",
		cause: "too \"much\" \u00e4" }));
	const d = await ended(arn.rejected, "FAILED");
	assert.deepEqual([d.error, d.cause, d.output], ["Rejected", "too \"much\" \u00e4", undefined]);
});

await test("approval-timeout: the token is of no use afterwards", async () => {
	const d = await ended(arn["approval-timeout"], "FAILED");
	assert.deepEqual([d.error, d.cause], ["ApprovalTimedOut", "Nobody decided in time."]);
	const taskToken = await asked("A-1003");
	await refused(new SendTaskSuccessCommand({ taskToken, output: "{}" }), sfn.TaskTimedOut);
});

await test("tokens that are none", async () => {
	for (const taskToken of ["nothing", "AQA" + "A".repeat(60), "\u00e4"]) {
		await refused(new SendTaskSuccessCommand({ taskToken, output: "{}" }),
		    sfn.InvalidToken);
		await refused(new SendTaskFailureCommand({ taskToken }), sfn.InvalidToken);
		await refused(new SendTaskHeartbeatCommand({ taskToken }), sfn.InvalidToken);
	}
});

await test("credit-fails-twice, card-declined, bad-input", async () => {
	const credit = await ended(arn["credit-fails-twice"], "SUCCEEDED");
	assert.equal(JSON.parse(credit.output).prepared.credit.attempts, 3);
	const card = await ended(arn["card-declined"], "FAILED");
	assert.equal(card.error, "CardDeclined");
	assert.match(JSON.parse(card.cause).errorMessage, /0002 was declined/);
	const bad = await ended(arn["bad-input"], "FAILED");
	assert.equal(bad.error, "InvalidOrder");
});

await test("the notifications: one for each order that was shipped", async () => {
	const got = [];
	for (;;) {
		const { Messages = [] } = await queues.send(new sqs.ReceiveMessageCommand({
			QueueUrl: url.notifications, MaxNumberOfMessages: 10,
			MessageSystemAttributeNames: ["All"],
		}));
		if (Messages.length === 0)
			break;
		const done = await queues.send(new sqs.DeleteMessageBatchCommand({
			QueueUrl: url.notifications,
			Entries: Messages.map((m, i) => ({ Id: String(i), ReceiptHandle: m.ReceiptHandle })),
		}));
		assert.equal(done.Successful.length, Messages.length);
		Messages.forEach((m) => assert.equal(m.Attributes.ApproximateReceiveCount, "1"));
		got.push(...Messages.map((m) => JSON.parse(m.Body).order));
	}
	assert.deepEqual(got.sort(), ["A-1001", "A-1004"]);
});

// ---- after the orders ----

await test("GetExecutionHistory: pages, reversed, without data", async () => {
	const executionArn = arn.approved;
	const events = await history(executionArn);
	assert.equal(events.length, 53);
	events.forEach((e, i) => {
		assert.equal(e.id, i + 1);
		isDate(e.timestamp);
	});
	assert.equal(events[0].executionStartedEventDetails.input, input("approved"));
	assert.equal(events.at(-1).type, "ExecutionSucceeded");
	const paged = await all(paginateGetExecutionHistory({ client: states, pageSize: 10 },
	    { executionArn }), "events");
	assert.deepEqual(paged.items, events);
	assert.equal(paged.pages, 6);
	for (const pageSize of [7, 1000]) {
		const back = await all(paginateGetExecutionHistory({ client: states, pageSize },
		    { executionArn, reverseOrder: true }), "events");
		assert.deepEqual(back.items.reverse(), events);
	}
	const bare = await history(executionArn, { includeExecutionData: false });
	assert.deepEqual(bare.map((e) => e.type), events.map((e) => e.type));
	assert.equal(bare[0].executionStartedEventDetails.input, undefined);
	await refused(new GetExecutionHistoryCommand({ executionArn, nextToken: "x" }),
	    sfn.InvalidToken);
	await refused(new GetExecutionHistoryCommand({ executionArn: executionArn + "x" }),
	    sfn.ExecutionDoesNotExist);
});

await test("ListExecutions: filters and pages", async () => {
	const list = async (statusFilter, pageSize = 100) => (await all(paginateListExecutions(
	    { client: states, pageSize }, { stateMachineArn: machine, statusFilter }),
	    "executions"));
	const everything = await list();
	assert.deepEqual(everything.items.map((x) => x.name).sort(), [...NAMES].sort());
	const starts = everything.items.map((x) => x.startDate.getTime());
	assert.deepEqual(starts, [...starts].sort((a, b) => b - a), "newest first");
	everything.items.forEach((x) => isDate(x.stopDate));
	const paged = await list(undefined, 2);
	assert.deepEqual(paged.items, everything.items);
	assert.ok(paged.pages >= 3);
	const names = async (status) => (await list(status)).items.map((x) => x.name).sort();
	assert.deepEqual(await names("SUCCEEDED"), ["approved", "credit-fails-twice"]);
	assert.deepEqual(await names("FAILED"),
	    ["approval-timeout", "bad-input", "card-declined", "rejected"]);
	assert.deepEqual(await names("RUNNING"), []);
	await refused(new ListExecutionsCommand({ stateMachineArn: machine + "x" }),
	    sfn.StateMachineDoesNotExist);
	await refused(new ListExecutionsCommand({ stateMachineArn: machine, nextToken: "x" }),
	    sfn.InvalidToken);
});

await test("StopExecution", async () => {
	const { executionArn } = await states.send(new StartExecutionCommand({
		stateMachineArn: machine, input: input("approved"),
	}));
	const of = await states.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
	assert.deepEqual([of.name, of.definition], ["order", definition]);
	const taskToken = await asked("A-1001");
	const stopped = await states.send(new StopExecutionCommand({ executionArn,
		error: "Changed", cause: "our mind" }));
	isDate(stopped.stopDate);
	const d = await ended(executionArn, "ABORTED");
	assert.deepEqual([d.error, d.cause, d.stopDate], ["Changed", "our mind", stopped.stopDate]);
	assert.equal((await history(executionArn)).at(-1).type, "ExecutionAborted");
	await refused(new SendTaskSuccessCommand({ taskToken, output: "{}" }), sfn.TaskTimedOut);
	await refused(new StopExecutionCommand({ executionArn: executionArn + "x" }),
	    sfn.ExecutionDoesNotExist);
});

await test("heartbeats keep a task open, their absence ends it", async () => {
	const { stateMachineArn } = await states.send(new CreateStateMachineCommand({
		name: "heart", roleArn: ROLE, definition: JSON.stringify({
			StartAt: "Ask", States: { Ask: { Type: "Task", End: true, HeartbeatSeconds: 3,
				Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
				Parameters: { QueueUrl: url.approvals, MessageBody: { order: "heart",
					"decideAt.$": "$$.Task.Token" } } } },
		}),
	}));
	const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
	const taskToken = await asked("heart");
	for (let i = 0; i < 4; i++) {
		await pause(1000);
		await states.send(new SendTaskHeartbeatCommand({ taskToken }));
	}
	const last = Date.now();
	const d = await ended(executionArn, "TIMED_OUT").catch(() => ended(executionArn, "FAILED"));
	assert.equal(d.error, "States.Timeout");
	assert.ok(Date.now() - last > 2000, "not before three seconds are over");
	await refused(new SendTaskHeartbeatCommand({ taskToken }), sfn.TaskTimedOut);
});

await test("many at once", async () => {
	const { stateMachineArn } = await states.send(new CreateStateMachineCommand({
		name: "many", roleArn: ROLE,
		definition: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
	}));
	const started = await Promise.all([...Array(60).keys()].map((n) =>
	    states.send(new StartExecutionCommand({ stateMachineArn, input: String(n) }))));
	assert.equal(new Set(started.map((s) => s.executionArn)).size, 60);
	const outputs = await Promise.all(started.map(async (s) =>
	    (await ended(s.executionArn, "SUCCEEDED")).output));
	assert.deepEqual(outputs, [...Array(60).keys()].map(String));
	const { items } = await all(paginateListExecutions({ client: states, pageSize: 7 },
	    { stateMachineArn }), "executions");
	assert.equal(new Set(items.map((x) => x.executionArn)).size, 60);
	assert.equal(items.length, 60);
});

await test("a wrong secret is refused", async () => {
	const stranger = new sfn.SFNClient({ maxAttempts: 1, credentials: {
		accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" } });
	await assert.rejects(stranger.send(new sfn.ListStateMachinesCommand({})), (e) => {
		assert.ok(e instanceof sfn.SFNServiceException);
		assert.equal(e.name, "InvalidSignatureException");
		return true;
	});
	stranger.destroy();
});

await test("DeleteStateMachine", async () => {
	for (const name of ["second", "third", "heart", "many", "order"])
		await states.send(new DeleteStateMachineCommand({
			stateMachineArn: machine.replace(/order$/, name),
		}));
	await refused(new DescribeStateMachineCommand({ stateMachineArn: machine }),
	    sfn.StateMachineDoesNotExist);
	await refused(new StartExecutionCommand({ stateMachineArn: machine }),
	    sfn.StateMachineDoesNotExist);
	const { items } = await all(paginateListStateMachines({ client: states }, {}),
	    "stateMachines");
	assert.deepEqual(items, []);
	assert.equal((await history(arn.approved)).length, 53, "histories stay");
});

console.log(`1..${number}`);
states.destroy();
queues.destroy();
process.exitCode = failed ? 1 : 0;
