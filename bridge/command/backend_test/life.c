#include "bridge/command/backend_test/life.h"

#include "bridge/command/backend_test/events.h"
#include "bridge/net/loop.h"

/* ---- is it there? ---- */

static bool more_heard(const struct play *play, unsigned than)
{
	return play->heard > than;
}

static bool somebody(const struct play *play, unsigned than)
{
	(void)than;
	return play->identity_len > 0;
}

/* After something that it may not have outlived. A restart is told elsewhere. */
static bool lives(struct play *play, unsigned restarts)
{
	unsigned before = play->heard;
	struct task *probe = play_task(play, false);

	if (probe) {
		play_put_event(play, probe, WIRE_CAUSE_TAP, false);
		example_put(play_writer(&play->body), KIND_MESSAGE, play->room, true, false);
		if (play_send(play, WIRE_EVENT, true))
			play_task_sent(play, probe);
	}
	/* A heartbeat may have been on its way: it takes more of them. */
	while (play->identity_len && play->restarts == restarts && probe &&
	       probe->state == TASK_OPEN && play->heard < before + 3)
		if (!play_wait(play, more_heard, play->heard, DEADLINE_MS))
			break;
	return play->identity_len && play->restarts == restarts && play->heard > before;
}

/* Another instance may come in its place, after an accident. */
bool play_is_over(struct play *play)
{
	if (play->over)
		return true;
	if (play->identity_len && clock_steady_ms() - play->heard_ms > DEADLINE_MS)
		(void)lives(play, play->restarts);
	if (play->identity_len && clock_steady_ms() - play->heard_ms <= 2 * DEADLINE_MS)
		return false;
	play->identity_len = 0;
	if (play_wait(play, somebody, 0, DEADLINE_MS))
		return false;
	play_judge(play, false, "",
		   "it stays connected to the end; the remaining tests are skipped");
	play->over = true;
	return true;
}

/* ---- what it has to outlive ---- */

static void judge_life(struct play *play, unsigned restarts, const char *what)
{
	bool right = lives(play, restarts);
	const char *got = play->restarts != restarts ? "a new instance in its place"
			  : play->identity_len       ? ""
						     : "the end of its connection";

	play_judge(play, right, right ? "" : got, "it outlives %s", what);
}

/* As SLICE(), where only a constant may stand. */
#define BYTES(literal)                                                                             \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

void check_garbage(struct play *play)
{
	static const struct {
		const char *what;
		struct slice frames[6];
		size_t count;
	} garbage[] = {
		{ "an unknown command", { BYTES("DGM1"), BYTES("FROBNICATE"), BYTES("{}") }, 3 },
		{ "another version", { BYTES("DGM2"), BYTES("HEARTBEAT"), BYTES("{}") }, 3 },
		{ "a message of one frame", { BYTES("DGM1") }, 1 },
		{ "a message of an empty frame", { BYTES("") }, 1 },
		{ "a HEARTBEAT without meta", { BYTES("DGM1"), BYTES("HEARTBEAT") }, 2 },
		{ "a HEARTBEAT with an empty meta",
		  { BYTES("DGM1"), BYTES("HEARTBEAT"), BYTES("") },
		  3 },
		{ "a meta that is not JSON",
		  { BYTES("DGM1"), BYTES("ASK"), BYTES("{\"id\":") },
		  3 },
		{ "a meta that is not an object",
		  { BYTES("DGM1"), BYTES("EVENT"), BYTES("[]") },
		  3 },
		{ "bytes that are not UTF-8",
		  { BYTES("DGM1"), BYTES("\xff\xfe"), BYTES("\xc3\x28"), BYTES("\x00\xff") },
		  4 },
		{ "an EVENT without id and envelope",
		  { BYTES("DGM1"), BYTES("EVENT"), BYTES("{\"cause\":\"route\"}") },
		  3 },
		{ "more frames than a message can have",
		  { BYTES("DGM1"), BYTES("HEARTBEAT"), BYTES("{}"), BYTES("{}"), BYTES("{}"),
		    BYTES("{}") },
		  6 },
		{ "an ACK with an unknown id",
		  { BYTES("DGM1"), BYTES("ACK"), BYTES("{\"id\":\"nothing of it\"}") },
		  3 },
	};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]) && !play_is_over(play); i++) {
		unsigned restarts = play->restarts;

		(void)play_send_frames(play, garbage[i].frames, garbage[i].count);
		play_note(play, "%s", garbage[i].what);
		judge_life(play, restarts, garbage[i].what);
	}
}

/* ---- servers that come and go ---- */

void check_not_ready(struct play *play)
{
	unsigned before = play->readies;

	if (play_is_over(play))
		return;
	play_send_error(play, (struct slice){ NULL, 0 }, "not_ready", "Send READY first");
	play_judge(play, play_wait(play, play_more_readies, before, DEADLINE_MS), "",
		   "after ERROR not_ready it sends READY again within %d ms", DEADLINE_MS);
}

/* The server goes, and another comes that does not know it. */
void check_bye(struct play *play)
{
	struct json_writer *w = play_writer(&play->meta);
	unsigned restarts = play->restarts, before;

	if (play_is_over(play))
		return;
	json_object_open(w);
	json_object_close(w);
	(void)play_send(play, WIRE_BYE, false);
	(void)play_wait(play, play_alone, 0, 2 * BEAT_MS);
	judge_life(play, restarts, "the server's BYE");
	if (play_is_over(play))
		return;
	before = play->readies;
	play_send_error(play, (struct slice){ NULL, 0 }, "not_ready", "Send READY first");
	play_judge(play, play_wait(play, play_more_readies, before, DEADLINE_MS), "",
		   "after BYE and ERROR not_ready it sends READY again within %d ms", DEADLINE_MS);
}
