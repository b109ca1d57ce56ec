/*
 * world_machines.h - a handful of machines that between them do everything that can come in a different order: Parallel in
 * Map in Parallel, Retry, Catch, timeouts, heartbeats, failures while others are out, and a history that is soon full.
 */
#ifndef WF_WORLD_MACHINES_H
#define WF_WORLD_MACHINES_H

#define TASK(name, function, more) "\"" name "\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:111111111111:" \
	"function:" function "\"," more "}"
#define RETRY "\"Retry\":[{\"ErrorEquals\":[\"Again\"],\"IntervalSeconds\":1,\"MaxAttempts\":2,\"JitterStrategy\":\"FULL\"}," \
	"{\"ErrorEquals\":[\"States.Timeout\"],\"MaxAttempts\":1}]"
#define CATCH(next) "\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"ResultPath\":\"$.caught\",\"Next\":\"" next "\"}]"

static const char *const machines[] = {
	/* branches that wait, work, fail and are caught */
	"{\"definition\":{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"Branches\":["
	"{\"StartAt\":\"A\",\"States\":{" TASK("A", "flaky", RETRY ",\"Next\":\"A2\"") ",\"A2\":{\"Type\":\"Wait\",\"Seconds\":3,\"End\":true}}},"
	"{\"StartAt\":\"B\",\"States\":{" TASK("B", "slow", "\"TimeoutSeconds\":4," RETRY ",\"End\":true") "}},"
	"{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Pass\",\"Next\":\"D\"}," TASK("D", "echo", "\"End\":true") "}}],"
	CATCH("E") ",\"Next\":\"E\"},\"E\":{\"Type\":\"Pass\",\"End\":true}}},"
	"\"functions\":{\"flaky\":[\"fail:Again:1\",\"fail:Again:2\",\"echo\"],\"slow\":[\"sleep:5 then echo\",\"sleep:3 then echo\"],"
	"\"echo\":\"echo\"}}",

	/* a Map in a Map, few at a time, some of whose tasks fail for good; the outer one is retried */
	"{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"MaxConcurrency\":2,"
	"\"ItemProcessor\":{\"StartAt\":\"N\",\"States\":{\"N\":{\"Type\":\"Map\",\"MaxConcurrency\":2,"
	"\"ItemSelector\":{\"i.$\":\"$$.Map.Item.Index\",\"v.$\":\"$$.Map.Item.Value\"},"
	"\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{" TASK("T", "mixed", RETRY ",\"Next\":\"S\"") ",\"S\":{\"Type\":\"Succeed\"}}},"
	"\"End\":true}}},\"Retry\":[{\"ErrorEquals\":[\"Bad\"],\"IntervalSeconds\":2,\"MaxAttempts\":2}],\"End\":true}}},"
	"\"input\":[[1,2,3],[4],[],[5,6]],"
	"\"functions\":{\"mixed\":[\"echo\",\"echo\",\"fail:Bad:x\",\"echo\",\"fail:Again:y\",\"echo\",\"echo\",\"fail:Bad:z\",\"echo\"]}}",

	/* Parallel in Map in Parallel, heartbeats missed, an execution's own timeout */
	"{\"definition\":{\"TimeoutSeconds\":60,\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"End\":true,"
	"\"Retry\":[{\"ErrorEquals\":[\"States.HeartbeatTimeout\"],\"MaxAttempts\":1}],"
	"\"Branches\":[{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\","
	"\"ItemProcessor\":{\"StartAt\":\"Q\",\"States\":{\"Q\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
	"{\"StartAt\":\"X\",\"States\":{" TASK("X", "echo", "\"End\":true") "}},"
	"{\"StartAt\":\"Y\",\"States\":{\"Y\":{\"Type\":\"Wait\",\"Seconds\":2,\"End\":true}}}]}}},"
	"\"ResultPath\":\"$.out\",\"End\":true}}},"
	"{\"StartAt\":\"H\",\"States\":{" TASK("H", "hang", "\"TimeoutSeconds\":30,\"HeartbeatSeconds\":5," CATCH("I") ",\"End\":true")
	",\"I\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}}]}}},"
	"\"input\":{\"items\":[1,2,3]},\"functions\":{\"echo\":\"echo\",\"hang\":[\"hang\",\"echo\"]}}",

	/* a loop with a choice and variables */
	"{\"definition\":{\"StartAt\":\"I\",\"States\":{\"I\":{\"Type\":\"Pass\",\"Assign\":{\"seen\":[],\"last\":0},\"Next\":\"T\"},"
	TASK("T", "count", RETRY ",\"Assign\":{\"last.$\":\"$.n\"},\"Next\":\"C\"")
	",\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$last\",\"NumericLessThan\":3,\"Next\":\"W\"}],\"Default\":\"F\"},"
	"\"W\":{\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"T\"},\"F\":{\"Type\":\"Fail\",\"ErrorPath\":\"$.e\",\"Cause\":\"enough\"}}},"
	"\"functions\":{\"count\":[\"const:{\\\"n\\\":1}\",\"fail:Again:x\",\"const:{\\\"n\\\":2}\",\"const:{\\\"n\\\":3,\\\"e\\\":\\\"Done\\\"}\"]}}",

	/* a Map whose ItemSelector fails in the middle, while others are out */
	"{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"MaxConcurrency\":2,"
	"\"ItemSelector\":{\"v.$\":\"$$.Map.Item.Value.v\"},"
	"\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{" TASK("T", "echo", "\"End\":true") "}},\"End\":true}}},"
	"\"input\":[{\"v\":1},{\"v\":2},{\"v\":3},{}],\"functions\":{\"echo\":\"echo\"}}",

	/* a history that is soon full */
	"{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{"
	TASK("T", "echo", "\"Next\":\"U\"") ",\"U\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}},\"End\":true}}},"
	"\"input\":[1,2,3,4,5,6],\"limits\":{\"max_events\":30},\"functions\":{\"echo\":\"echo\"}}",
};

#define N_MACHINES (sizeof(machines) / sizeof(machines[0]))

#endif
