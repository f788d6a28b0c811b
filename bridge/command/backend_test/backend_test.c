#include "bridge/command/backend_test/backend_test.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/command/backend_test/events.h"
#include "bridge/command/backend_test/life.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

#define AT_ONCE_MAX 50 /* asks under way at once, if it grants so many credits */
#define QUIET_MS    2500

/* ---- asking and telling ---- */

static void put_ask(struct play *play, const struct task *task, bool again)
{
	struct wire_ask ask = {
		.id = task->id, .rule = SLICE("a rule"), .deadline_ms = DEADLINE_MS, .again = again
	};

	wire_put_ask(play_writer(&play->meta), &ask);
}

static void send_task(struct play *play, struct task *task, enum envelope_kind kind, bool again)
{
	bool presence = kind == KIND_ENTER || kind == KIND_EXIT;

	if (task->ask)
		put_ask(play, task, again);
	else
		play_put_event(play, task, presence ? WIRE_CAUSE_PRESENCE : WIRE_CAUSE_ROUTE,
			       again);
	example_put(play_writer(&play->body), kind, play->room, !task->ask, false);
	if (!play_send(play, task->ask ? WIRE_ASK : WIRE_EVENT, true))
		return;
	play_task_sent(play, task);
	play_note(play, "%s %llu, of the kind %s", task->ask ? "ASK" : "EVENT",
		  (unsigned long long)task->id, example_name(kind));
}

/* "allow", "an answer after 2100 ms", ... */
static const char *said(const struct task *task)
{
	static const char *const verdicts[] = { "allow", "change", "refuse" };

	if (*task->got || task->state != TASK_DONE)
		return task->got;
	if (*task->said)
		return task->said;
	return task->ask ? verdicts[task->verdict] : "";
}

static bool is_right(const struct task *task)
{
	return task->state == TASK_DONE && !*task->got;
}

static void judge_task(struct play *play, const struct task *task, const char *what,
		       const char *kind)
{
	if (task->ask)
		play_judge(play, is_right(task), said(task),
			   "%s%s is answered with ANSWER and its id within %d ms", what, kind,
			   DEADLINE_MS);
	else
		play_judge(play, is_right(task), said(task),
			   "%s%s is acknowledged with ACK and its id within %d ms", what, kind,
			   DEADLINE_MS);
}

/* ---- checks ---- */

/* Nothing came: what is known of that. */
static void tell_silence(struct play *play, const struct arguments *arguments, char *got,
			 size_t size)
{
	struct socket_news news;

	socket_tend(play->socket, &news);
	if (news.unreachable)
		snprintf(got, size, "no connection to %s: %s", news.unreachable, news.why);
	else if (news.connected)
		snprintf(got, size, "a connection that sends nothing");
	else if (news.failed)
		snprintf(got, size, "a connection of a socket that is not a DEALER, such as a SUB");
	else if (arguments->bind)
		snprintf(got, size, "no connection: does it connect to %s?",
			 socket_endpoint(play->socket, 0));
	else
		snprintf(got, size, "no connection to %s", arguments->word);
}

static void check_ready(struct play *play, const struct arguments *arguments)
{
	int seconds = arguments->seconds;
	char got[4 * GOT_BYTES];

	if (!play_wait(play, play_more_readies, 0, (uint64_t)seconds * 1000)) {
		snprintf(got, sizeof(got), "%s", play->got);
		if (!*got)
			tell_silence(play, arguments, got, sizeof(got));
		play_judge(play, false, got, "a READY comes within %d s", seconds);
		play->over = true;
		return;
	}
	snprintf(got, sizeof(got), "the name %s, %u credits", play->name, play->credits);
	play_judge(play, true, got, "a READY comes");
	if (!play->wanted_name)
		return;
	play->over = strcmp(play->name, play->wanted_name) != 0;
	play_judge(play, !play->over, play->over ? play->name : "", "its name is %s",
		   play->wanted_name);
}

/* An ASK, or an EVENT, of every kind that there is. */
static void check_kinds(struct play *play, bool ask)
{
	struct task *tasks[ENVELOPE_KINDS + 1] = { NULL };

	for (enum envelope_kind kind = 0; kind <= ENVELOPE_KINDS && !play_is_over(play); kind++) {
		if (!(ask ? example_is_asked(kind) : example_is_told(kind)))
			continue;
		tasks[kind] = play_task(play, ask);
		if (tasks[kind])
			send_task(play, tasks[kind], kind, false);
	}
	play_settle(play);
	for (enum envelope_kind kind = 0; kind <= ENVELOPE_KINDS; kind++)
		if (tasks[kind])
			judge_task(play, tasks[kind],
				   ask ? "an ASK about the kind " : "an EVENT of the kind ",
				   example_name(kind));
}

static void check_again(struct play *play, bool ask)
{
	struct task *task;

	if (play_is_over(play) || !(task = play_task(play, ask)))
		return;
	send_task(play, task, KIND_MESSAGE, false);
	play_settle(play);
	send_task(play, task, KIND_MESSAGE, true);
	play_settle(play);
	judge_task(play, task, ask ? "an ASK" : "an EVENT", " that is sent again");
}

/* Keys that nobody knows, in meta and envelope. */
static void check_unknown_keys(struct play *play, bool ask)
{
	struct json_writer *w = &play->meta;
	struct task *task;

	if (play_is_over(play) || !(task = play_task(play, ask)))
		return;
	play_writer(w);
	json_object_open(w);
	json_field_string(w, "unheard_of", SLICE("x"));
	json_field_unsigned(w, "id", task->id);
	json_field_string(w, ask ? "about" : "cause", ask ? SLICE("event") : SLICE("tap"));
	json_key(w, "unheard_of_too");
	json_put_raw(w, SLICE("{\"deep\":[[]]}"));
	json_field_unsigned(w, "deadline_ms", DEADLINE_MS);
	json_object_close(w);
	example_put(play_writer(&play->body), KIND_MESSAGE, play->room, true, true);
	if (play_send(play, ask ? WIRE_ASK : WIRE_EVENT, true))
		play_task_sent(play, task);
	play_settle(play);
	judge_task(play, task, ask ? "an ASK" : "an EVENT", " with unknown keys");
}

/* As many as it has credits for, and play_alone more. */
static void check_credits(struct play *play)
{
	uint32_t count = play->credits < AT_ONCE_MAX ? play->credits : AT_ONCE_MAX;
	const struct task *first = NULL;
	char got[32];
	size_t right = 0;

	if (play_is_over(play))
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct task *task = play_task(play, true);

		first = first ? first : task;
		if (task)
			send_task(play, task, KIND_MESSAGE, false);
	}
	play_settle(play);
	for (uint32_t i = 0; first && i < count; i++)
		right += is_right(first + i);
	snprintf(got, sizeof(got), "%zu of them", right);
	play_judge(play, right == count, right == count ? "" : got,
		   "%u asks at once, within its credits, are answered within %d ms", count,
		   DEADLINE_MS);
}

/* The mount's path is the dialect's usual one. */
static void own_login(struct wire_login *login, const struct arguments *arguments)
{
	static char mount[64];

	login->dialect = slice_of(arguments->dialect ? arguments->dialect : "simple");
	snprintf(mount, sizeof(mount), "/%.*s", (int)login->dialect.len, login->dialect.data);
	login->mount = slice_of(mount);
	login->name = slice_of(arguments->login);
	login->secret = slice_of(arguments->secret);
	login->number = (uint32_t)arguments->number;
}

static void check_login(struct play *play, const struct arguments *arguments)
{
	bool own = arguments->login || arguments->number;
	struct wire_login login = { .dialect = SLICE("simple"),
				    .mount = SLICE("/simple"),
				    .name = SLICE("Ann"),
				    .secret = SLICE("not a secret of anybody's") };
	struct wire_ask ask = { .deadline_ms = DEADLINE_MS, .login = &login };
	struct task *task;

	if (play_is_over(play) || !(task = play_task(play, true)))
		return;
	task->login = true;
	ask.id = task->id;
	if (own)
		own_login(&login, arguments);
	wire_put_ask(play_writer(&play->meta), &ask);
	if (play_send(play, WIRE_ASK, false))
		play_task_sent(play, task);
	play_note(play, "ASK %llu, about a login", (unsigned long long)task->id);
	play_settle(play);
	judge_task(play, task, own ? "an ASK about your login" : "an ASK about a login",
		   own ? "" : " (a backend without logins refuses it)");
}

static void check_beats(struct play *play)
{
	char got[64];

	if (play_is_over(play))
		return;
	play->heard_ms = clock_steady_ms();
	play->silence_ms = 0;
	(void)play_wait(play, play_alone, 0, QUIET_MS);
	if (clock_steady_ms() - play->heard_ms > play->silence_ms)
		play->silence_ms = clock_steady_ms() - play->heard_ms;
	snprintf(got, sizeof(got), "%u ms of silence", (unsigned)play->silence_ms);
	play_judge(play, play->silence_ms <= 2 * BEAT_MS, got,
		   "with heartbeat_ms %d it sends something at least every %d ms", BEAT_MS,
		   2 * BEAT_MS);
	play->heard_ms = clock_steady_ms();
}

/* What went on all the while. */
static void check_rest(struct play *play)
{
	char got[64];

	if (play->requests) {
		snprintf(got, sizeof(got), "%u, all acknowledged", play->requests);
		play_judge(play, true, got, "its own requests (PUBLISH, CONTROL) can be read");
	}
	snprintf(got, sizeof(got), "%u", play->strays);
	play_judge(play, play->strays == 0, play->strays ? got : "",
		   "every answer has a known id and comes once");
	if (play->byes)
		play_judge(play, false, "BYE", "it does not send BYE");
	if (!play->faults) {
		snprintf(got, sizeof(got), "%u", play->heard);
		play_judge(play, true, got, "every message conforms to dragoman-backend(7)");
	}
}

static void check_all(struct play *play, const struct arguments *arguments)
{
	check_ready(play, arguments);
	if (play->over)
		return;
	check_kinds(play, false);
	check_kinds(play, true);
	check_again(play, false);
	check_again(play, true);
	check_unknown_keys(play, false);
	check_unknown_keys(play, true);
	check_credits(play);
	check_login(play, arguments);
	check_beats(play);
	check_not_ready(play);
	check_garbage(play);
	check_bye(play);
	check_rest(play);
}

/* ---- the command ---- */

static struct socket *listen_to(struct socket_context *context, const struct arguments *arguments,
				FILE *out)
{
	char *endpoint = memory_text(arguments->word, strlen(arguments->word));
	struct socket_options options = { .type = SOCKET_ROUTER,
					  .name = arguments->name ? arguments->name : "backend",
					  .high_water = TASKS_MAX * 4,
					  .message_bytes = WIRE_BYTES_HEARD };
	struct socket *socket;

	if (arguments->bind) {
		options.bind = &endpoint;
		options.bind_count = 1;
	} else {
		options.connect = &endpoint;
		options.connect_count = 1;
	}
	socket = socket_open(context, &options, stderr);
	if (socket && arguments->bind)
		fprintf(out, "waiting at %s\n", socket_endpoint(socket, 0));
	fflush(out);
	free(endpoint);
	return socket;
}

bool backend_test(const struct arguments *arguments, FILE *out)
{
	struct socket_context *context = socket_context_open(stderr);
	struct play *play = memory_zeroed(1, sizeof(*play));
	bool right;

	play->out = out;
	play->wanted_name = arguments->name;
	json_start(&play->meta, 0, 256);
	json_start(&play->body, 0, 1024);
	if (context)
		play->socket = listen_to(context, arguments, out);
	if (play->socket) {
		check_all(play, arguments);
		fprintf(out, "%u right, %u wrong\n", play->right, play->wrong);
	}
	right = play->socket && play->wrong == 0;
	play_clear(play);
	socket_context_close(context);
	free(play);
	return right;
}
