#include "tests/support/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/backend/backend.h"
#include "bridge/backend/tell.h"
#include "codecs/text/memory.h"

#define REPLY_BYTES 96

/* What it will say: a command and a meta. */
struct reply {
	struct reply *next;
	const char *command;
	char meta[REPLY_BYTES];
};

struct judge {
	struct reply *first, *said;
	size_t asked, told;
};

static void reply_add(struct judge *judge, const char *command, const char *meta)
{
	struct reply *reply = memory_zeroed(1, sizeof(*reply));

	reply->command = command;
	snprintf(reply->meta, sizeof(reply->meta), "%s", meta);
	reply->next = judge->first;
	judge->first = reply;
}

/* Each meta begins with its id. */
static enum socket_sent judge_send(void *conn, const struct slice *frames, size_t count)
{
	struct judge *judge = conn;
	bool ask = slice_is(frames[2], "ASK");
	char meta[REPLY_BYTES];

	(void)count;
	if (!ask && !slice_is(frames[2], "EVENT"))
		return SOCKET_SENT;
	*(ask ? &judge->asked : &judge->told) += 1;
	snprintf(meta, sizeof(meta), "{\"id\":%llu%s}",
		 strtoull(frames[3].data + strlen("{\"id\":"), NULL, 10),
		 ask ? ",\"verdict\":\"allow\"" : "");
	reply_add(judge, ask ? "ANSWER" : "ACK", meta);
	return SOCKET_SENT;
}

static bool judge_receive(void *conn, struct socket_message *message)
{
	struct judge *judge = conn;

	free(judge->said);
	judge->said = judge->first;
	if (!judge->said)
		return false;
	judge->first = judge->said->next;
	*message = (struct socket_message){ .count = 4 };
	message->frames[0] = SLICE("judge");
	message->frames[1] = SLICE("DGM1");
	message->frames[2] = slice_of(judge->said->command);
	message->frames[3] = slice_of(judge->said->meta);
	return true;
}

struct judge *judge_new(struct bridge *bridge, size_t backend)
{
	static const struct socket_ops line = { .send = judge_send, .receive = judge_receive };
	struct judge *judge = memory_zeroed(1, sizeof(*judge));
	char ready[REPLY_BYTES];

	snprintf(ready, sizeof(ready), "{\"name\":\"%s\",\"credits\":8,\"presence\":true}",
		 backend_name(bridge->backends[backend]));
	reply_add(judge, "READY", ready);
	backend_attach(bridge->backends[backend], &line, judge, "memory");
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	while (judge->first) {
		struct reply *reply = judge->first;

		judge->first = reply->next;
		free(reply);
	}
	free(judge->said);
	free(judge);
}

bool judge_busy(const struct judge *judge)
{
	return judge && judge->first;
}

size_t judge_asked(const struct judge *judge)
{
	return judge->asked;
}

size_t judge_told(const struct judge *judge)
{
	return judge->told;
}
