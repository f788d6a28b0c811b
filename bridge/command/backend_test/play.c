#include "bridge/command/backend_test/play.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/loop.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define INSTANCE    "00000000-0000-4000-8000-000000000000"
#define FAULTS_SAID 20 /* more are only counted */

void play_clear(struct play *play)
{
	socket_close(play->socket);
	json_clear(&play->meta);
	json_clear(&play->body);
	free(play->scratch);
}

/* ---- sending ---- */

bool play_send_frames(struct play *play, const struct slice *frames, size_t count)
{
	struct slice all[8] = { slice_span(play->identity, play->identity_len) };

	if (play->identity_len == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		all[i + 1] = frames[i];
	if (socket_send(play->socket, all, count + 1) != SOCKET_GONE)
		return true;
	play->identity_len = 0;
	return false;
}

void play_note(struct play *play, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(play->sent, sizeof(play->sent), format, arguments);
	va_end(arguments);
}

bool play_send(struct play *play, enum wire_command command, bool with_body)
{
	struct slice frames[4] = { SLICE(WIRE_PROTOCOL), slice_of(wire_command_name(command)),
				   slice_span(play->meta.data, play->meta.len),
				   slice_span(play->body.data, play->body.len) };

	if (command != WIRE_HEARTBEAT)
		play_note(play, "%s", wire_command_name(command));
	return play_send_frames(play, frames, with_body ? 4 : 3);
}

bool play_send_error(struct play *play, struct slice id, const char *code, const char *text)
{
	wire_put_error(play_writer(&play->meta), id, slice_of(code), slice_of(text));
	return play_send(play, WIRE_ERROR, false);
}

static void send_beat(struct play *play)
{
	struct json_writer *w = play_writer(&play->meta);

	json_object_open(w);
	json_object_close(w);
	(void)play_send(play, WIRE_HEARTBEAT, false);
	play->beat_ms = clock_steady_ms() + BEAT_MS;
}

/* ---- hearing ---- */

static void fault(struct play *play, const char *command, const char *why)
{
	char shown[GOT_BYTES];

	snprintf(play->got, sizeof(play->got), "%s%s%s", command, *command ? ": " : "",
		 text_escape(slice_of(why), shown, sizeof(shown)));
	if (play->faults++ >= FAULTS_SAID)
		return;
	play->wrong++;
	fprintf(play->out, "WRONG every message conforms to dragoman-backend(7); got %s%s%s\n",
		play->got, *play->sent ? ", after it was sent " : "", play->sent);
}

static void hear_ready(struct play *play, const struct wire_message *message)
{
	struct wire_welcome welcome = { .server = SLICE("dragoman " DRAGOMAN_VERSION),
					.backend = message->name,
					.instance = SLICE(INSTANCE),
					.heartbeat_ms = BEAT_MS,
					.credits = message->credits };
	struct slice room = message->room_count ? message->rooms[0] : SLICE("lobby");

	text_escape(message->name, play->name, sizeof(play->name));
	play->credits = message->credits;
	/* A room that it serves: the pattern's own beginning will do. */
	if (room.len && room.data[room.len - 1] == '*')
		room.len--;
	snprintf(play->room, sizeof(play->room), "%.*s", (int)room.len, room.data);
	if (!*play->room)
		snprintf(play->room, sizeof(play->room), "lobby");
	play->readies++;
	if (play->wanted_name && !slice_is(message->name, play->wanted_name)) {
		play_send_error(play, message->id, "wrong_name",
				"This is the socket of another backend");
		return;
	}
	wire_put_welcome(play_writer(&play->meta), &welcome);
	(void)play_send(play, WIRE_READY, false);
}

static struct task *task_of(struct play *play, uint64_t id)
{
	for (size_t i = 0; i < play->task_count; i++)
		if (play->tasks[i].id == id && play->tasks[i].sent)
			return &play->tasks[i];
	return NULL;
}

/* A login that is allowed needs somebody who it is. */
static const char *answer_fault(const struct task *task, const struct wire_message *message)
{
	if (task->login && message->verdict == WIRE_CHANGE)
		return "the verdict change for a login";
	if (task->login && message->verdict == WIRE_ALLOW && !message->has_as)
		return "a login allowed without \"as\", the user's identity";
	return NULL;
}

/* For who tries a judge of logins. */
static void note_login(struct task *task, const struct wire_message *message)
{
	char shown[GOT_BYTES];
	size_t len;

	if (message->verdict == WIRE_REFUSE) {
		snprintf(task->said, sizeof(task->said), "refuse%s%s",
			 message->text.len ? ": " : "",
			 text_escape(message->text, shown, sizeof(shown)));
		return;
	}
	snprintf(task->said, sizeof(task->said), "allow: it is %s",
		 text_escape(message->as.name, shown, sizeof(shown)));
	len = strlen(task->said);
	if (message->as.number)
		len += (size_t)snprintf(task->said + len, sizeof(task->said) - len, ", number %u",
					message->as.number);
	for (uint32_t left = message->as.roles; left && len < sizeof(task->said); left &= left - 1)
		len += (size_t)snprintf(task->said + len, sizeof(task->said) - len, ", %s",
					person_role_name(left & -left));
}

static void task_settle(struct play *play, struct task *task, const struct wire_message *message)
{
	const char *wrong = NULL;

	if (task->ask != (message->command == WIRE_ANSWER))
		wrong = task->ask ? "an ACK: an ASK needs an ANSWER"
				  : "an ANSWER: an EVENT needs an ACK";
	else if (task->ask)
		wrong = answer_fault(task, message);
	if (wrong)
		snprintf(task->got, sizeof(task->got), "%s", wrong);
	if (task->login)
		note_login(task, message);
	task->verdict = message->verdict;
	task->took_ms = clock_steady_ms() - task->sent_ms;
	if (task->state == TASK_OPEN) {
		task->state = TASK_DONE;
		play->under_way--;
	} else if (task->state == TASK_EXPIRED && !*task->got) {
		snprintf(task->got, sizeof(task->got), "an answer after %u ms",
			 (unsigned)task->took_ms);
	}
}

static void hear_settling(struct play *play, const struct wire_message *message)
{
	struct task *task = task_of(play, message->number);

	if (task && task->answered < task->sent) {
		task->answered++;
		task_settle(play, task, message);
	} else {
		play->strays++;
	}
}

/* Done, as far as it can be without rooms. */
static void hear_request(struct play *play, const struct wire_message *message)
{
	static const struct person member = {
		.name = { "Ann", 3 }, .number = 7, .uuid = { 0x20, 0, 0, 1 }, .roles = ROLE_USER
	};
	bool says = message->command == WIRE_PUBLISH;

	play->requests++;
	if (!says && message->deed == WIRE_MEMBERS)
		wire_put_members(play_writer(&play->meta), message->id, message->room, &member, 1);
	else
		wire_put_ack(play_writer(&play->meta), message->id,
			     says || message->deed < WIRE_MEMBERS ? ++play->next_id : 0);
	(void)play_send(play, WIRE_ACK, false);
}

static void hear_error(struct play *play, const struct wire_message *message)
{
	struct task *task = message->number ? task_of(play, message->number) : NULL;
	char code[48], text[80];

	if (task && task->state == TASK_OPEN)
		snprintf(task->got, sizeof(task->got), "ERROR %s \"%s\"",
			 text_escape(message->code, code, sizeof(code)),
			 text_escape(message->text, text, sizeof(text)));
}

static void hear_command(struct play *play, const struct wire_message *message)
{
	switch (message->command) {
	case WIRE_READY: hear_ready(play, message); break;
	case WIRE_ANSWER:
	case WIRE_ACK: hear_settling(play, message); break;
	case WIRE_PUBLISH:
	case WIRE_CONTROL: hear_request(play, message); break;
	case WIRE_BYE: play->byes++; break;
	case WIRE_ERROR: hear_error(play, message); break;
	default: break;
	}
}

/* What is wrong with an answer is its task's matter, too. */
static void hear_garbage(struct play *play, enum wire_status status,
			 const struct wire_message *message, const char *why)
{
	bool named = status == WIRE_BAD_JSON || status == WIRE_BAD_FIELD;
	struct task *task = named ? task_of(play, message->number) : NULL;

	fault(play, named ? wire_command_name(message->command) : "", why);
	if (task)
		snprintf(task->got, sizeof(task->got), "%s", play->got);
	if (!named || message->command != WIRE_ERROR)
		play_send_error(play, named ? message->id : (struct slice){ NULL, 0 },
				wire_status_code(status), why);
}

/* The first instance that is ready is the one; another is, when that is gone. */
static bool is_heard(struct play *play, struct slice identity, bool ready)
{
	bool same = slice_equal(identity, slice_span(play->identity, play->identity_len));
	bool gone = play->identity_len == 0 || clock_steady_ms() - play->heard_ms > 2 * BEAT_MS;

	if (same && play->identity_len)
		return true;
	if (identity.len == 0 || identity.len > sizeof(play->identity) || (!gone && ready))
		return false;
	if (!gone)
		return false;
	memcpy(play->identity, identity.data, identity.len);
	play->identity_len = identity.len;
	if (ready) {
		play->restarts += play->readies > 0;
		return true;
	}
	play_send_error(play, (struct slice){ NULL, 0 }, "not_ready", "Send READY first");
	play->identity_len = 0;
	return false;
}

static char *scratch_of(struct play *play, const struct socket_message *message)
{
	size_t size = 1;

	for (size_t i = 0; i < message->count; i++)
		size += message->frames[i].len;
	if (size > play->scratch_size) {
		play->scratch = memory_resize(play->scratch, size);
		play->scratch_size = size;
	}
	return play->scratch;
}

static void hear(struct play *play, const struct socket_message *socket_message)
{
	struct wire_message message;
	char why[WIRE_WHY_MAX] = "more frames than any command has";
	enum wire_status status = WIRE_BAD_FRAMES;
	uint64_t now = clock_steady_ms();
	bool ready;

	if (!socket_message->oversized)
		status = wire_read(socket_message->frames + 1, socket_message->count - 1,
				   scratch_of(play, socket_message), &message, why);
	/* One that cannot be read is an attempt, too. */
	ready = (status == WIRE_OK || status == WIRE_BAD_JSON || status == WIRE_BAD_FIELD) &&
		message.command == WIRE_READY;
	if (!is_heard(play, socket_message->frames[0], ready))
		return;
	if (now - play->heard_ms > play->silence_ms)
		play->silence_ms = now - play->heard_ms;
	play->heard_ms = now;
	play->heard++;
	if (status == WIRE_OK)
		hear_command(play, &message);
	else
		hear_garbage(play, status, &message, why);
}

/* ---- time ---- */

static void expire(struct play *play)
{
	uint64_t now = clock_steady_ms();

	for (size_t i = 0; i < play->task_count; i++) {
		struct task *task = &play->tasks[i];

		if (task->state != TASK_OPEN || !task->sent || now < task->sent_ms + DEADLINE_MS)
			continue;
		task->state = TASK_EXPIRED;
		play->under_way--;
	}
}

/* Takes all that is there. */
static void take(struct play *play)
{
	struct socket_message message;

	while (socket_readable(play->socket))
		while (socket_receive(play->socket, &message))
			if (message.count > 0)
				hear(play, &message);
	if (play->identity_len && play->readies && clock_steady_ms() >= play->beat_ms)
		send_beat(play);
	expire(play);
}

bool play_wait(struct play *play, bool (*done)(const struct play *, unsigned), unsigned than,
	       uint64_t ms)
{
	uint64_t end = clock_steady_ms() + ms;

	take(play);
	while (!done(play, than)) {
		struct pollfd descriptor = { .fd = socket_descriptor(play->socket),
					     .events = POLLIN };
		uint64_t now = clock_steady_ms(), left = end - now;

		if (now >= end)
			return false;
		(void)poll(&descriptor, 1, left < 50 ? (int)left : 50);
		take(play);
	}
	return true;
}

/* ---- tasks ---- */

static bool has_credit(const struct play *play, unsigned than)
{
	return play->under_way < (play->credits < than ? play->credits : than);
}

struct task *play_task(struct play *play, bool ask)
{
	struct task *task;

	(void)play_wait(play, has_credit, TASKS_MAX, 2 * DEADLINE_MS);
	if (play->task_count == TASKS_MAX)
		return NULL;
	task = &play->tasks[play->task_count++];
	*task = (struct task){ .id = ++play->next_id, .ask = ask };
	return task;
}

void play_task_sent(struct play *play, struct task *task)
{
	task->sent_ms = clock_steady_ms();
	play_note(play, "%s %llu", task->ask ? "ASK" : "EVENT", (unsigned long long)task->id);
	if (task->sent++ == 0 || task->state != TASK_OPEN)
		play->under_way++;
	task->state = TASK_OPEN;
}

static bool is_settled(const struct play *play, unsigned than)
{
	return play->under_way <= than;
}

void play_settle(struct play *play)
{
	(void)play_wait(play, is_settled, 0, 2 * DEADLINE_MS);
}

/* ---- for checks ---- */

void play_judge(struct play *play, bool right, const char *got, const char *format, ...)
{
	va_list arguments;

	fputs(right ? "ok " : "WRONG ", play->out);
	va_start(arguments, format);
	vfprintf(play->out, format, arguments);
	va_end(arguments);
	if (right)
		fprintf(play->out, "%s%s\n", *got ? ": " : "", got);
	else
		fprintf(play->out, "; got %s\n", *got ? got : "nothing");
	fflush(play->out);
	if (right)
		play->right++;
	else
		play->wrong++;
}

bool play_more_readies(const struct play *play, unsigned than)
{
	return play->readies > than;
}

bool play_alone(const struct play *play, unsigned than)
{
	(void)than;
	return play->identity_len == 0;
}

struct json_writer *play_writer(struct json_writer *w)
{
	w->len = 0;
	w->comma = false;
	return w;
}

void play_put_event(struct play *play, const struct task *task, enum wire_cause cause, bool again)
{
	struct wire_event event = { .id = task->id,
				    .cause = cause,
				    .rule = SLICE("a rule"),
				    .deadline_ms = DEADLINE_MS,
				    .again = again };

	if (cause == WIRE_CAUSE_PRESENCE)
		event.rule = (struct slice){ NULL, 0 };
	wire_put_event(play_writer(&play->meta), &event);
}
