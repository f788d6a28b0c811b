#include "bridge/cluster/nats/link.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/cluster/nats/options.h"
#include "codecs/text/memory.h"

enum { SUB_ANSWERS, SUB_LIVE, SUB_NODE, SUB_ALL, SUBS };

struct nats_link {
	natsOptions *options;
	struct subjects subjects;
	struct nats_link_hooks hooks;
	void *context;
	natsConnection *connection;
	natsSubscription *subs[SUBS];
	char inbox[SUBJECT_MAX]; /* with a dot at its end */
	/* Guarded by lock: callbacks that are yet to come before it is over. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	unsigned running;
};

/* ---- callbacks ---- */

static void on_connected(natsConnection *connection, void *context)
{
	struct nats_link *link = context;

	(void)connection;
	link->hooks.connected(link->context);
}

static void on_lost(natsConnection *connection, void *context)
{
	struct nats_link *link = context;

	(void)connection;
	link->hooks.lost(link->context);
}

static void one_is_over(void *context)
{
	struct nats_link *link = context;

	pthread_mutex_lock(&link->lock);
	link->running--;
	pthread_cond_broadcast(&link->wake);
	pthread_mutex_unlock(&link->lock);
}

static void on_closed(natsConnection *connection, void *context)
{
	struct nats_link *link = context;

	(void)connection;
	link->hooks.over(link->context);
	one_is_over(link);
}

static void on_error(natsConnection *connection, natsSubscription *sub, natsStatus status,
		     void *context)
{
	struct nats_link *link = context;

	(void)connection;
	(void)sub;
	if (status == NATS_SLOW_CONSUMER)
		link->hooks.dropped(link->context);
}

static uint64_t header_number(natsMsg *message, const char *name)
{
	const char *text = NULL;

	if (natsMsgHeader_Get(message, name, &text) != NATS_OK || !text)
		return 0;
	return strtoull(text, NULL, 10);
}

static const unsigned char *bytes_of(natsMsg *message)
{
	return (const unsigned char *)natsMsg_GetData(message);
}

static size_t length_of(natsMsg *message)
{
	return (size_t)natsMsg_GetDataLength(message);
}

static void on_answer(natsConnection *connection, natsSubscription *sub, natsMsg *message,
		      void *context)
{
	struct nats_link *link = context;
	const char *serial = natsMsg_GetSubject(message) + strlen(link->inbox), *status = NULL;

	(void)connection;
	(void)sub;
	if (natsMsgHeader_Get(message, "Status", &status) != NATS_OK)
		status = NULL;
	link->hooks.answered(link->context, strtoull(serial, NULL, 10), status,
			     header_number(message, "Nats-Sequence"), bytes_of(message),
			     length_of(message));
	natsMsg_Destroy(message);
}

static void on_live(natsConnection *connection, natsSubscription *sub, natsMsg *message,
		    void *context)
{
	struct nats_link *link = context;
	const char *subject = natsMsg_GetSubject(message);
	uint64_t sequence = header_number(message, "Nats-Sequence");
	unsigned shard;

	(void)connection;
	(void)sub;
	if (subject_shard(&link->subjects, link->subjects.live, subject, &shard) && sequence)
		link->hooks.live(link->context, shard, sequence,
				 header_number(message, "Nats-Last-Sequence"), bytes_of(message),
				 length_of(message));
	else if (strcmp(subject + strlen(link->subjects.live), SUBJECTS_PROBE) != 0)
		link->hooks.dropped(link->context);
	natsMsg_Destroy(message);
}

static void on_message(natsConnection *connection, natsSubscription *sub, natsMsg *message,
		       void *context)
{
	struct nats_link *link = context;

	(void)connection;
	(void)sub;
	link->hooks.message(link->context, bytes_of(message), length_of(message));
	natsMsg_Destroy(message);
}

/* ---- made, connected, ended ---- */

struct nats_link *nats_link_new(const struct engine_nats_options *options,
				const struct subjects *subjects,
				const struct nats_link_hooks *hooks, void *context, FILE *errors)
{
	struct nats_link *link = memory_zeroed(1, sizeof(*link));
	natsStatus status;

	link->subjects = *subjects;
	link->hooks = *hooks;
	link->context = context;
	pthread_mutex_init(&link->lock, NULL);
	pthread_cond_init(&link->wake, NULL);
	link->options = nats_options_make(options, errors);
	if (!link->options) {
		nats_link_free(link);
		return NULL;
	}
	status = natsOptions_SetRetryOnFailedConnect(link->options, true, on_connected, link);
	if (status == NATS_OK)
		status = natsOptions_SetReconnectedCB(link->options, on_connected, link);
	if (status == NATS_OK)
		status = natsOptions_SetDisconnectedCB(link->options, on_lost, link);
	if (status == NATS_OK)
		status = natsOptions_SetClosedCB(link->options, on_closed, link);
	if (status == NATS_OK)
		status = natsOptions_SetErrorHandler(link->options, on_error, link);
	if (status == NATS_OK)
		return link;
	fprintf(errors, "NATS: %s\n", natsStatus_GetText(status));
	nats_link_free(link);
	return NULL;
}

static natsStatus subscribe(struct nats_link *link, int which, const char *subject,
			    natsMsgHandler handler)
{
	natsStatus status =
	    natsConnection_Subscribe(&link->subs[which], link->connection, subject, handler, link);

	if (status != NATS_OK)
		return status;
	status = natsSubscription_SetOnCompleteCB(link->subs[which], one_is_over, link);
	if (status != NATS_OK)
		return status;
	pthread_mutex_lock(&link->lock);
	link->running++;
	pthread_mutex_unlock(&link->lock);
	return NATS_OK;
}

static natsStatus subscribe_all(struct nats_link *link)
{
	char subject[SUBJECT_MAX + 32];
	natsInbox *inbox = NULL;
	natsStatus status = natsInbox_Create(&inbox);

	if (status != NATS_OK)
		return status;
	snprintf(link->inbox, sizeof(link->inbox), "%.100s.", inbox);
	natsInbox_Destroy(inbox);
	snprintf(subject, sizeof(subject), "%s*", link->inbox);
	status = subscribe(link, SUB_ANSWERS, subject, on_answer);
	snprintf(subject, sizeof(subject), "%s*", link->subjects.live);
	if (status == NATS_OK)
		status = subscribe(link, SUB_LIVE, subject, on_live);
	snprintf(subject, sizeof(subject), "%s%u", link->subjects.bus, link->subjects.node);
	if (status == NATS_OK)
		status = subscribe(link, SUB_NODE, subject, on_message);
	snprintf(subject, sizeof(subject), "%sall", link->subjects.bus);
	if (status == NATS_OK)
		status = subscribe(link, SUB_ALL, subject, on_message);
	return status;
}

bool nats_link_connect(struct nats_link *link, char why[ENGINE_NATS_TEXT_MAX])
{
	natsStatus status;

	link->running = 1;
	status = natsConnection_Connect(&link->connection, link->options);
	if (status == NATS_OK || status == NATS_NOT_YET_CONNECTED) {
		bool now = status == NATS_OK;

		status = subscribe_all(link);
		if (status == NATS_OK) {
			if (now)
				link->hooks.connected(link->context);
			return true;
		}
	}
	snprintf(why, ENGINE_NATS_TEXT_MAX, "%s",
		 nats_GetLastError(NULL) && *nats_GetLastError(NULL) ? nats_GetLastError(NULL)
								     : natsStatus_GetText(status));
	nats_link_end(link);
	return false;
}

void nats_link_end(struct nats_link *link)
{
	if (!link->connection)
		return;
	natsConnection_Close(link->connection);
	pthread_mutex_lock(&link->lock);
	while (link->running)
		pthread_cond_wait(&link->wake, &link->lock);
	pthread_mutex_unlock(&link->lock);
	for (int i = 0; i < SUBS; i++) {
		natsSubscription_Destroy(link->subs[i]);
		link->subs[i] = NULL;
	}
	natsConnection_Destroy(link->connection);
	link->connection = NULL;
}

void nats_link_free(struct nats_link *link)
{
	if (!link)
		return;
	natsOptions_Destroy(link->options);
	pthread_cond_destroy(&link->wake);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

/* ---- used ---- */

bool nats_link_send(struct nats_link *link, const char *subject, uint64_t serial, const void *bytes,
		    size_t len)
{
	char reply[SUBJECT_MAX + 32];

	if (!link->connection)
		return false;
	if (!serial)
		return natsConnection_Publish(link->connection, subject, bytes, (int)len) ==
		       NATS_OK;
	snprintf(reply, sizeof(reply), "%s%llu", link->inbox, (unsigned long long)serial);
	return natsConnection_PublishRequest(link->connection, subject, reply, bytes, (int)len) ==
	       NATS_OK;
}

void nats_link_tell(struct nats_link *link, char text[ENGINE_NATS_TEXT_MAX])
{
	const char *error = NULL;
	char url[256];

	if (!link->connection)
		return;
	if (natsConnection_GetConnectedUrl(link->connection, url, sizeof(url)) == NATS_OK && url[0])
		snprintf(text, ENGINE_NATS_TEXT_MAX, "%s", url);
	else if (natsConnection_GetLastError(link->connection, &error) != NATS_OK && error &&
		 *error)
		snprintf(text, ENGINE_NATS_TEXT_MAX, "%s", error);
	else
		snprintf(text, ENGINE_NATS_TEXT_MAX, "no server answers");
}

int64_t nats_link_payload_max(struct nats_link *link)
{
	return link->connection ? natsConnection_GetMaxPayload(link->connection) : 0;
}

bool nats_link_round_trip(struct nats_link *link, int64_t *us)
{
	int64_t ns = 0;

	if (!link->connection || natsConnection_GetRTT(link->connection, &ns) != NATS_OK)
		return false;
	*us = ns / 1000;
	return true;
}
