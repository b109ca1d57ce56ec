# Notifications, from the listener's side: what they say, the token, and what is too large for NOTIFY.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use JSON::PP ();
use Test::More;
use WorkflowTest;

# A sweep comes every few seconds.
my $node = new_node('notify', conf => "workflow.safety_net = '100ms'");
sql($node, 'CREATE ROLE listener LOGIN', 'CREATE ROLE stranger LOGIN', 'GRANT USAGE ON SCHEMA workflow TO listener, stranger');
create_machine($node, 'tell', chain(Tell => task('', Resource => 'notify:bell')));
create_machine($node, 'ask', chain(Ask => task('', Resource => 'notify:bell.waitForTaskToken')));

my $listener = session($node, extra_params => [ '-U', 'listener' ]);
$listener->query_safe('LISTEN bell');

# The next notification.
sub hear
{
	my $heard = '';
	for (1 .. 10 * $WorkflowTest::patience)
	{
		$heard .= $listener->query('SELECT pg_sleep(0.1)');
		return JSON::PP::decode_json($1) if $heard =~ /notification "bell" with payload "(\{.*\})" received/;
	}
	die "no notification has come: $heard";
}

sub run
{
	my ($machine, $length) = @_;
	my $id = sql($node, qq{SELECT workflow.start_execution('$machine', to_jsonb(repeat('x', $length)))});
	my $message = hear();
	is($message->{execution}, sql($node, "SELECT arn FROM workflow.executions WHERE id = $id"), "$machine, $length: the execution");
	return ($id, $message);
}

my ($id, $message) = run('tell', 10);
is_deeply([ sort keys %$message ], [ 'event', 'execution', 'payload' ], 'what a notification says');
is($message->{payload}, 'x' x 10, 'the payload');
wait_for_end($node, $id);

# Up to NOTIFY's limit the payload is sent, beyond it is kept.
my $envelope = length(JSON::PP->new->encode($message)) - 10;
my $most = 8192 - 64 - 128 - 1 - $envelope;
$most -= length($id + 1) - length($id);
($id, $message) = run('tell', $most - 8);
is(length($message->{payload}), $most - 8, 'a large payload is sent');
wait_for_end($node, $id);
($id, $message) = run('tell', $most + 8);
is_deeply([ sort keys %$message ], [ 'event', 'execution', 'notification' ], 'a larger one is not');
wait_for_end($node, $id);

($id, $message) = run('ask', 200000);
is_deeply([ sort keys %$message ], [ 'event', 'execution', 'notification', 'taskToken' ], 'with a token');
is($listener->query("SELECT length(workflow.notification_payload('$message->{notification}')::text)"), '200002',
	'who got the notification may read its payload');
is((as_role($node, 'stranger', 'SELECT workflow.notification_payload(gen_random_uuid()) IS NULL'))[1], 't', 'no other id does');
like((as_role($node, 'stranger', 'SELECT * FROM workflow.notification'))[2], qr/42501/, 'the table is not for reading');
$listener->query_safe("SELECT workflow.send_task_success('$message->{taskToken}', '\"yes\"')");
is(wait_for_end($node, $id), 'SUCCEEDED', 'and answer');
is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id"), '"yes"', 'the answer is the result');
is(sql($node, "SELECT string_agg(type, ' ' ORDER BY id) FROM workflow.history_events WHERE execution_id = $id AND type LIKE 'Task%'"),
	'TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSucceeded TaskStateExited', 'its history');

is(sql($node, 'SELECT count(*) FROM workflow.notification'), '2', 'payloads stay with their executions');
sql($node, "CALL workflow.purge('0')");
is(sql($node, 'SELECT count(*) FROM workflow.notification'), '0', 'and leave with them');
$listener->quit;

# What an execution sends that is not kept itself stays for a day.
sql($node, "SELECT workflow.create_state_machine('express', type => 'EXPRESS', definition => '"
	  . chain(Tell => task('', Resource => 'notify:bell')) . "')");
sql($node, q{SELECT (workflow.start_sync_execution('express', to_jsonb(repeat('x', 9000)))).status});
is(sql($node, 'SELECT count(*) FROM workflow.notification WHERE execution_id = 0'), '1', 'of an execution that is not kept');
sql($node, q{UPDATE workflow.notification SET at = at - interval '25 hours'});
sql($node, q{SELECT (workflow.start_sync_execution('express', to_jsonb(repeat('x', 9000)))).status});
ok(wait_until($node, 'SELECT count(*) FROM workflow.notification', '1'), 'it leaves after a day');

$node->stop;
done_testing();
