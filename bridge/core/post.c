#include "bridge/core/post.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/core/counters.h"
#include "bridge/core/login.h"
#include "bridge/core/news.h"
#include "bridge/core/survey.h"
#include "codecs/text/memory.h"

static void clear_socket(struct post *post)
{
	struct post_socket *socket = (struct post_socket *)post;

	if (socket->fd >= 0)
		close(socket->fd);
}

static void clear_certificate(struct post *post)
{
	struct post_certificate *certificate = (struct post_certificate *)post;

	if (certificate->release)
		certificate->release(certificate->certificate);
}

static void clear_news(struct post *post)
{
	news_release(((struct post_news *)post)->news);
}

static void clear_enter(struct post *post)
{
	envelope_release(((struct post_enter *)post)->event);
}

static void clear_draft(struct post *post)
{
	struct post_draft *draft = (struct post_draft *)post;

	envelope_release(draft->event);
	route_table_release(draft->copies.table);
}

static void clear_query(struct post *post)
{
	free(((struct post_query *)post)->correlation);
}

static void clear_locate(struct post *post)
{
	envelope_release(((struct post_locate *)post)->event);
}

static void clear_entered(struct post *post)
{
	struct post_entered *entered = (struct post_entered *)post;

	envelope_release(entered->event);
	broadcast_release(entered->broadcast);
	envelope_release(entered->poll);
	for (size_t i = 0; i < entered->missed_count; i++)
		envelope_release(entered->missed[i]);
	free(entered->missed);
	free(entered->people);
}

static void clear_broadcast(struct post *post)
{
	broadcast_release(((struct post_broadcast *)post)->broadcast);
}

static void clear_backend(struct post *post)
{
	struct post_backend *backend = (struct post_backend *)post;

	envelope_release(backend->event);
	route_table_release(backend->table);
	login_claim_free(backend->login);
}

static void clear_tap(struct post *post)
{
	envelope_release(((struct post_tap *)post)->event);
}

static void clear_answer(struct post *post)
{
	answer_clear(&((struct post_answer *)post)->answer);
}

static void clear_store(struct post *post)
{
	free(((struct post_store *)post)->bytes);
}

static void clear_past(struct post *post)
{
	past_clear(&((struct post_past *)post)->past);
	answer_clear(&((struct post_past *)post)->answer);
}

static void clear_reported(struct post *post)
{
	counters_free(((struct post_reported *)post)->counters);
}

static void clear_scraped(struct post *post)
{
	free(((struct post_scraped *)post)->snapshot);
}

static void clear_survey(struct post *post)
{
	survey_free(((struct post_survey *)post)->survey);
}

static void clear_errand(struct post *post)
{
	struct post_errand *errand = (struct post_errand *)post;

	explicit_bzero(errand->hash, sizeof(errand->hash));
}

static void clear_inquiry(struct post *post)
{
	struct inquiry *inquiry = ((struct post_inquiry *)post)->inquiry;

	if (inquiry)
		inquiry->release(inquiry);
}

static void clear_foreign(struct post *post)
{
	free(((struct post_foreign *)post)->keeping);
}

static void clear_kept(struct post *post)
{
	struct post_kept *kept = (struct post_kept *)post;

	if (kept->lasting)
		kept->release(kept->lasting);
}

static void clear_dialed(struct post *post)
{
	struct post_dialed *dialed = (struct post_dialed *)post;

	if (dialed->job)
		dialed->release(dialed->job);
}

static const struct {
	size_t size;
	void (*clear)(struct post *); /* NULL: it holds nothing */
} kinds[POST_KINDS] = {
	[POST_SOCKET] = { sizeof(struct post_socket), clear_socket },
	[POST_CERTIFICATE] = { sizeof(struct post_certificate), clear_certificate },
	[POST_DRAIN] = { sizeof(struct post), NULL },
	[POST_STOP] = { sizeof(struct post), NULL },
	[POST_REPORT] = { sizeof(struct post), NULL },
	[POST_NEWS] = { sizeof(struct post_news), clear_news },
	[POST_SWEEP] = { sizeof(struct post), NULL },
	[POST_SCRAPE] = { sizeof(struct post), NULL },
	[POST_SCRAPED] = { sizeof(struct post_scraped), clear_scraped },
	[POST_INQUIRY] = { sizeof(struct post_inquiry), clear_inquiry },
	[POST_ENTER] = { sizeof(struct post_enter), clear_enter },
	[POST_LEAVE] = { sizeof(struct post_leave), NULL },
	[POST_DRAFT] = { sizeof(struct post_draft), clear_draft },
	[POST_QUERY] = { sizeof(struct post_query), clear_query },
	[POST_LOCATE] = { sizeof(struct post_locate), clear_locate },
	[POST_MEMBERS] = { sizeof(struct post_members), NULL },
	[POST_LOOK] = { sizeof(struct post_look), NULL },
	[POST_MESSAGE] = { sizeof(struct post_message), NULL },
	[POST_SURVEY] = { sizeof(struct post_survey), clear_survey },
	[POST_FRONT_LOGIN] = { sizeof(struct post_backend), clear_backend },
	[POST_SAY] = { sizeof(struct post_backend), clear_backend },
	[POST_RELAY] = { sizeof(struct post_broadcast), clear_broadcast },
	[POST_ENTERED] = { sizeof(struct post_entered), clear_entered },
	[POST_BROADCAST] = { sizeof(struct post_broadcast), clear_broadcast },
	[POST_CLOSED] = { sizeof(struct post_closed), NULL },
	[POST_ASK] = { sizeof(struct post_backend), clear_backend },
	[POST_LOGIN] = { sizeof(struct post_backend), clear_backend },
	[POST_EVENT] = { sizeof(struct post_backend), clear_backend },
	[POST_PRESENCE] = { sizeof(struct post_backend), clear_backend },
	[POST_TAP] = { sizeof(struct post_tap), clear_tap },
	[POST_ANSWER] = { sizeof(struct post_answer), clear_answer },
	[POST_DIALED] = { sizeof(struct post_dialed), clear_dialed },
	[POST_FETCHED] = { sizeof(struct post_dialed), clear_dialed },
	[POST_STORE] = { sizeof(struct post_store), clear_store },
	[POST_STORED] = { sizeof(struct post_store), clear_store },
	[POST_FOREIGN] = { sizeof(struct post_foreign), clear_foreign },
	[POST_KEPT] = { sizeof(struct post_kept), clear_kept },
	[POST_PAST] = { sizeof(struct post_past), clear_past },
	[POST_GONE] = { sizeof(struct post_gone), NULL },
	[POST_DRAINED] = { sizeof(struct post), NULL },
	[POST_TAKEN] = { sizeof(struct post_news), clear_news },
	[POST_SWEPT] = { sizeof(struct post_swept), NULL },
	[POST_REPORTED] = { sizeof(struct post_reported), clear_reported },
	[POST_INQUIRED] = { sizeof(struct post_inquiry), clear_inquiry },
	[POST_ERRAND] = { sizeof(struct post_errand), clear_errand },
	[POST_LOOKUP] = { sizeof(struct post), NULL },
};

void *post_new(enum post_kind kind)
{
	struct post *post = memory_take_zeroed(kinds[kind].size);

	post->kind = (uint8_t)kind;
	if (kind == POST_SOCKET)
		((struct post_socket *)post)->fd = -1;
	else if (kind == POST_DRAFT)
		((struct post_draft *)post)->backend = ((struct post_draft *)post)->upstream =
		    SIZE_MAX;
	return post;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	if (kinds[post->kind].clear)
		kinds[post->kind].clear(post);
	memory_give(post, kinds[post->kind].size);
}

bool post_is_draft(const struct post *post)
{
	switch (post->kind) {
	case POST_ENTER:
	case POST_DRAFT:
	case POST_QUERY: return true;
	case POST_LEAVE: return asker_waits(&post->asker); /* else nobody asked for it */
	case POST_SAY: return true;
	case POST_EVENT: return ((const struct post_backend *)post)->cause == WIRE_CAUSE_ROUTE;
	default: return false;
	}
}
