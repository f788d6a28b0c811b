#include "codecs/concord/rest.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "codecs/wording.h"

#define SIZE_DEFAULT 50
#define SIZE_MOST    1000
/* So many of the newest are looked at, where not all are wanted: of one channel, of each of all. */
#define SEARCHED_MOST     5000
#define SEARCHED_MOST_ALL 1000
/* For so long words, and through so many bytes of texts, for each word anew: others wait meanwhile.
 */
#define QUERY_MOST     256
#define SEARCHED_BYTES 8388608
/* Then an answer ends, however many were asked for. */
#define FOUND_BYTES 4194304

/* ---- parameters ---- */

/* The fallback: it is not there. False, and answered with 400, when it is no number. */
static bool read_parameter(struct codec_peer *peer, const struct codec_call *call, const char *name,
			   int64_t fallback, int64_t *value, struct codec_answer *answer)
{
	struct slice text = call_parameter(peer, call, name);

	*value = fallback;
	if (text.len == 0 || concord_rest_long(text, value))
		return true;
	concord_rest_refuse(peer, call, answer, 400, SLICE("a parameter is not a number"));
	return false;
}

struct search {
	int64_t page, size;
	int64_t author, channel, thread, before, after; /* ABSENT: not asked for */
	struct slice query;                             /* absent: the same; in lower case */
	char lowered[QUERY_MOST];                       /* where it lies */
	size_t words;                                   /* of it */
	size_t left;                                    /* bytes that may be looked through */
};

#define ABSENT INT64_MIN

/* Of ASCII letters. */
static void lower(struct slice text, char *out)
{
	for (size_t i = 0; i < text.len; i++)
		out[i] = text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] | 0x20)
								    : text.data[i];
}

/* Takes the next word off *words. False: there is none. */
static bool next_word(struct slice *words, struct slice *word)
{
	const char *end;

	while (words->len > 0 && *words->data == ' ')
		*words = slice_span(words->data + 1, words->len - 1);
	if (words->len == 0)
		return false;
	end = memchr(words->data, ' ', words->len);
	*word = slice_span(words->data, end ? (size_t)(end - words->data) : words->len);
	*words = slice_span(words->data + word->len, words->len - word->len);
	return true;
}

static size_t count_words(struct slice words)
{
	struct slice word;
	size_t count = 0;

	while (next_word(&words, &word))
		count++;
	return count;
}

static bool read_query(struct codec_peer *peer, const struct codec_call *call,
		       struct search *search, struct codec_answer *answer)
{
	struct slice text = call_parameter(peer, call, "query");

	search->query = text;
	search->words = 0;
	search->left = SEARCHED_BYTES;
	if (text.len > QUERY_MOST) {
		concord_rest_refuse(peer, call, answer, 400, SLICE("the query is too long"));
		return false;
	}
	if (text.data) {
		lower(text, search->lowered);
		search->query.data = search->lowered;
		search->words = count_words(search->query);
	}
	return true;
}

static bool read_search(struct codec_peer *peer, const struct codec_call *call,
			struct search *search, struct codec_answer *answer)
{
	if (!read_query(peer, call, search, answer) ||
	    !read_parameter(peer, call, "page", 0, &search->page, answer) ||
	    !read_parameter(peer, call, "size", SIZE_DEFAULT, &search->size, answer) ||
	    !read_parameter(peer, call, "authorId", ABSENT, &search->author, answer) ||
	    !read_parameter(peer, call, "channelId", ABSENT, &search->channel, answer) ||
	    !read_parameter(peer, call, "threadId", ABSENT, &search->thread, answer) ||
	    !read_parameter(peer, call, "before", ABSENT, &search->before, answer) ||
	    !read_parameter(peer, call, "after", ABSENT, &search->after, answer))
		return false;
	if (search->page >= 0 && search->size > 0) {
		if (search->size > SIZE_MOST)
			search->size = SIZE_MOST;
		if (search->page > CALL_LISTED_MAX)
			search->page = CALL_LISTED_MAX;
		return true;
	}
	concord_rest_refuse(peer, call, answer, 400, SLICE("page and size cannot be so small"));
	return false;
}

/* ---- what is looked for ---- */

/* Any of the words, as the real server's database looks for them; in it they are whole ones, here
 * they may be parts of others. */
static bool has_any(struct slice text, struct slice words)
{
	char *small = memory_new(text.len + 1);
	bool found = false;
	struct slice word;

	lower(text, small);
	while (!found && next_word(&words, &word))
		found = memmem(small, text.len, word.data, word.len);
	free(small);
	return found;
}

/* Uses up what may be looked through. */
static bool has_words(struct search *search, struct slice text)
{
	if (search->words == 0)
		return true;
	if (text.len > search->left / search->words) {
		search->left = 0;
		return false;
	}
	search->left -= text.len * search->words;
	return has_any(text, search->query);
}

static int64_t thread_of(const struct envelope *event)
{
	uint64_t thread;

	return call_decimal(event->thread, INT64_MAX, &thread) ? (int64_t)thread : -1;
}

static bool is_wanted(struct search *search, const struct envelope *event,
		      const struct codec_view *view)
{
	if (search->author != ABSENT && search->author != concord_rest_author(event, view))
		return false;
	if (search->thread != ABSENT && search->thread != thread_of(event))
		return false;
	if (search->before != ABSENT && (int64_t)event->time_ms >= search->before)
		return false;
	if (search->after != ABSENT && (int64_t)event->time_ms <= search->after)
		return false;
	return has_words(search, event->text);
}

/* ---- answers ---- */

/* Newest first. */
static void write_found(struct json_writer *w, const struct codec_peer *peer, struct search *search,
			const struct codec_told *told)
{
	size_t skip = (size_t)search->page * (size_t)search->size, shown = 0;

	json_array_open(w);
	for (size_t i = told->history_count;
	     i-- > 0 && shown < (size_t)search->size && w->len < FOUND_BYTES;) {
		const struct envelope *event = told->history[i];
		const struct codec_view *view = told->rooms[told->room_count > 1 ? i : 0].view;

		if (!is_wanted(search, event, view) || (skip > 0 && skip--))
			continue;
		if (shown++ > 0)
			json_put_literal(w, ",", 1);
		concord_write_chat(w, event, view, concord_rest_author(event, view));
		if (peer->dragoman)
			wording_trail(w, event, view);
	}
	json_array_close(w);
}

/* Of a channel that there is not, or not for the caller, nothing was said. */
static bool is_empty(const struct codec_told *told)
{
	switch (told->reason) {
	case REASON_UNKNOWN_ROOM:
	case REASON_CLOSED_ROOM:
	case REASON_NOT_MEMBER:
	case REASON_BANNED: return true;
	default: return false;
	}
}

static void answer_found(const struct codec_peer *peer, const struct codec_call *call,
			 struct search *search, const struct codec_told *told,
			 struct codec_answer *answer)
{
	static const struct codec_told nothing;

	if (told->reason != REASON_NONE && !is_empty(told))
		concord_rest_refuse_for(peer, call, answer, told);
	else
		write_found(answer_json(answer, 200), peer, search,
			    told->reason == REASON_NONE ? told : &nothing);
}

void concord_rest_latest(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer)
{
	struct search search = {
		.author = ABSENT, .thread = ABSENT, .before = ABSENT, .after = ABSENT
	};
	static const struct codec_told nothing;

	if (!read_parameter(peer, call, "size", SIZE_DEFAULT, &search.size, answer))
		return;
	if (search.size < 1) {
		concord_rest_refuse(peer, call, answer, 400, SLICE("size cannot be so small"));
	} else if (told->kind != WANT_NOTHING) {
		answer_found(peer, call, &search, told, answer);
	} else if (concord_rest_number(peer, call, INT64_MAX, &want->room_number, answer)) {
		want->kind = WANT_HISTORY;
		want->count = search.size < SIZE_MOST ? (size_t)search.size : SIZE_MOST;
		if (want->room_number == 0)
			answer_found(peer, call, &search, &nothing, answer);
	}
}

/* So many messages as the page needs, if each one is wanted. */
static size_t looked_at(const struct search *search)
{
	size_t count = (size_t)(search->page + 1) * (size_t)search->size;
	size_t most = search->channel == ABSENT ? SEARCHED_MOST_ALL : SEARCHED_MOST;

	if (search->author != ABSENT || search->thread != ABSENT || search->after != ABSENT ||
	    search->query.data || count > most)
		return most;
	return count;
}

void concord_rest_search(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer)
{
	static const struct codec_told nothing;
	struct search search;

	if (!read_search(peer, call, &search, answer))
		return;
	if (told->kind != WANT_NOTHING) {
		answer_found(peer, call, &search, told, answer);
		return;
	}
	want->kind = WANT_HISTORY;
	want->count = looked_at(&search);
	want->mine = search.channel == ABSENT;
	want->room_number = search.channel > 0 ? (uint64_t)search.channel : 0;
	if (search.before != ABSENT)
		want->before = id_floor(search.before > 0 ? (uint64_t)search.before : 0);
	if (search.channel != ABSENT && search.channel <= 0)
		answer_found(peer, call, &search, &nothing, answer);
}
