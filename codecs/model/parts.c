#include "codecs/model/parts.h"

#include <string.h>
#include <strings.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "codecs/model/emote.h"
#include "codecs/text/name.h"

#define LOOKUPS_MAX    64 /* a text could name thousands */
#define HOST_LABEL_MAX 63

/* What a bare name with a dot may end in to be taken for a host. Those that are also words (or
 * what a missing space after a full stop would leave) need a path behind them. */
static const struct {
	const char *name;
	bool needs_path;
} top_domains[] = {
	{ "com", false },   { "net", false }, { "org", false }, { "edu", false },
	{ "gov", false },   { "io", false },  { "tv", false },  { "gg", false },
	{ "uk", false },    { "de", false },  { "fr", false },  { "nl", false },
	{ "eu", false },    { "ca", true },   { "au", false },  { "jp", false },
	{ "kr", false },    { "ru", false },  { "ch", false },  { "se", true },
	{ "dk", false },    { "fi", false },  { "pl", false },  { "cz", false },
	{ "br", false },    { "mx", false },  { "es", true },   { "it", true },
	{ "at", true },     { "be", true },   { "no", true },   { "us", true },
	{ "in", true },     { "me", true },   { "co", true },   { "ly", true },
	{ "so", true },     { "to", true },   { "is", true },   { "app", true },
	{ "dev", true },    { "info", true }, { "live", true }, { "chat", true },
	{ "online", true }, { "site", true }, { "blog", true }, { "shop", true },
	{ "stream", true }, { "xyz", true },  { "fm", true },   { "cc", true },
	{ "ai", true },
};

/* What is found at one place of the text; the plain text before it is a part too. */
struct find {
	struct slice text;
	size_t done; /* up to here the text is in parts */
	part_lookup *lookup;
	void *context;
	unsigned tried;
	char *links;
	size_t links_left;
};

static bool is_white(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_alnum(char byte)
{
	char lower = (char)(byte | 0x20);

	return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_one_of(char byte, const char *set)
{
	return byte && strchr(set, byte);
}

static bool word_begins(struct slice text, size_t at)
{
	return at == 0 || is_white(text.data[at - 1]);
}

/* ---- emoticons ---- */

static bool find_emoticon(const struct find *f, size_t at, size_t *start, struct part *part)
{
	size_t from = at, end = at + 1;
	struct slice word;

	while (at - from < EMOTE_PLACED_MAX && !word_begins(f->text, from))
		from--;
	while (end - from <= EMOTE_PLACED_MAX && end < f->text.len && !is_white(f->text.data[end]))
		end++;
	word = slice_span(f->text.data + from, end - from);
	if (from < f->done || !word_begins(f->text, from) || !emote_find(word, part))
		return false;
	*start = from;
	return true;
}

/* ---- links ---- */

static bool ends_link(char byte)
{
	return is_white(byte) || (unsigned char)byte < ' ' || is_one_of(byte, "<>\"\x7f");
}

/* The end of a link whose host ends at at: without the punctuation of the sentence around it. */
static size_t link_end(struct slice text, size_t at)
{
	size_t end = at;
	long open = 0; /* brackets the link itself opens */

	while (end < text.len && !ends_link(text.data[end])) {
		open += (text.data[end] == '(') - (text.data[end] == ')');
		end++;
	}
	while (end > at) {
		char last = text.data[end - 1];

		if (last == ')' ? open >= 0 : !is_one_of(last, ".,:;!?'*_~]}"))
			break;
		open += last == ')';
		end--;
	}
	return end;
}

/* at: on a ':'. Finds "http://..." and "https://..." around it. */
static bool find_url(const struct find *f, size_t at, size_t *start, struct part *part)
{
	struct slice text = f->text;
	size_t host = at + 3, from;
	struct slice whole;

	if (text.len <= host || memcmp(text.data + at, "://", 3) != 0)
		return false;
	if (!is_alnum(text.data[host]) && (unsigned char)text.data[host] < 0x80)
		return false;
	if (at >= f->done + 5 && strncasecmp(text.data + at - 5, "https", 5) == 0)
		from = at - 5;
	else if (at >= f->done + 4 && strncasecmp(text.data + at - 4, "http", 4) == 0)
		from = at - 4;
	else
		return false;
	if (from > 0 && is_alnum(text.data[from - 1]))
		return false;
	whole = slice_span(text.data + from, link_end(text, host) - from);
	*start = from;
	*part = (struct part){ .kind = PART_LINK, .text = whole, .name = whole };
	return true;
}

static bool is_host_byte(char byte)
{
	return is_alnum(byte) || byte == '-';
}

/* Reads labels with dots between them from from. Returns the end of the host and where its last
 * label begins; 0 when this is no host. */
static size_t host_end(struct slice text, size_t from, size_t *last_label)
{
	size_t at = from;

	*last_label = from;
	for (;;) {
		size_t label = at;

		while (at < text.len && is_host_byte(text.data[at]))
			at++;
		if (at == label || text.data[label] == '-' || text.data[at - 1] == '-')
			return 0;
		*last_label = label;
		if (at + 1 >= text.len || text.data[at] != '.' || !is_host_byte(text.data[at + 1]))
			return at;
		at++;
	}
}

static bool has_letter(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] > '9')
			return true;
	return false;
}

/* Is that how the name of a host ends? */
static bool is_top_domain(struct slice label, bool www, bool path)
{
	size_t i = 0, count = sizeof(top_domains) / sizeof(top_domains[0]);

	if (www)
		return label.len >= 2 && has_letter(label.data, label.len);
	while (i < count && (strlen(top_domains[i].name) != label.len ||
			     strncasecmp(top_domains[i].name, label.data, label.len) != 0))
		i++;
	return i < count && (path || !top_domains[i].needs_path);
}

/* Past ":8080", or at itself. */
static size_t port_end(struct slice text, size_t at)
{
	size_t end = at + 1;

	if (at >= text.len || text.data[at] != ':')
		return at;
	while (end < text.len && end - at <= 5 && text.data[end] >= '0' && text.data[end] <= '9')
		end++;
	return end > at + 1 ? end : at;
}

/* The end of the link that a bare host at from makes, or 0. */
static size_t bare_end(struct slice text, size_t from)
{
	size_t label, end, tail, host = host_end(text, from, &label);
	bool www = text.len - from > 4 && strncasecmp(text.data + from, "www.", 4) == 0;

	if (!host || label == from || (www && label == from + 4))
		return 0;
	end = tail = port_end(text, host);
	if (end < text.len && is_one_of(text.data[end], "/?#"))
		tail = link_end(text, end);
	if (!has_letter(text.data + from, label - from) ||
	    !is_top_domain(slice_span(text.data + label, host - label), www, tail > end))
		return 0;
	if (tail == text.len || is_white(text.data[tail]) || tail > end ||
	    is_one_of(text.data[tail], ".,:;!?)]}<>\"'"))
		return tail;
	return 0;
}

/* at: on a '.'. Finds "mixer.com/mixer" and "www.example.org" around it. */
static bool find_bare(struct find *f, size_t at, size_t *start, struct part *part)
{
	const struct slice scheme = SLICE("https://");
	struct slice text = f->text;
	size_t from = at, end;

	while (from > f->done && at - from < HOST_LABEL_MAX && is_host_byte(text.data[from - 1]))
		from--;
	if (!word_begins(text, from) && !is_one_of(text.data[from - 1], "([{<\"'"))
		return false;
	end = bare_end(text, from);
	if (!end || f->links_left < scheme.len + end - from)
		return false;
	*start = from;
	*part = (struct part){ .kind = PART_LINK,
			       .text = slice_span(text.data + from, end - from),
			       .name = slice_span(f->links, scheme.len + end - from) };
	memcpy(f->links, scheme.data, scheme.len);
	memcpy(f->links + scheme.len, part->text.data, part->text.len);
	f->links += part->name.len;
	f->links_left -= part->name.len;
	return true;
}

/* ---- mentions ---- */

static bool is_name_byte(char byte)
{
	return is_alnum(byte) || byte == '_' || byte == '-' || (unsigned char)byte >= 0x80;
}

/* How much of word names somebody: all of it, all but the punctuation at its end, or its
 * letters at the beginning. Returns 0 when nobody has such a name. */
static size_t mentioned(struct find *f, struct slice word, struct person *person)
{
	size_t lens[3] = { word.len, word.len, 0 };

	while (lens[1] && is_one_of(word.data[lens[1] - 1], ".,:;!?'\")]}>*"))
		lens[1]--;
	while (lens[2] < word.len && is_name_byte(word.data[lens[2]]))
		lens[2]++;
	for (size_t i = 0; i < 3; i++) {
		if (!lens[i] || (i > 0 && lens[i] == lens[i - 1]))
			continue;
		if (f->tried++ >= LOOKUPS_MAX)
			return 0;
		if (f->lookup(f->context, slice_span(word.data, lens[i]), person))
			return lens[i];
	}
	return 0;
}

/* at: on a '@'. */
static bool find_mention(struct find *f, size_t at, size_t *start, struct part *part)
{
	struct slice text = f->text;
	struct person person = { 0 };
	size_t end = at + 1;

	if (!f->lookup || (at > f->done && is_name_byte(text.data[at - 1])))
		return false;
	while (end < text.len && !is_white(text.data[end]) && text.data[end] != '@')
		end++;
	end = at + 1 + text_clip(slice_span(text.data + at + 1, end - at - 1), NAME_BYTES_MAX).len;
	end = mentioned(f, slice_span(text.data + at + 1, end - at - 1), &person);
	if (!end)
		return false;
	*start = at;
	*part = (struct part){ .kind = PART_MENTION,
			       .text = slice_span(text.data + at, end + 1),
			       .name = person.name,
			       .number = person.number };
	return true;
}

/* ---- the scan ---- */

/* Every emoticon, link and mention holds one of ". ) : ; < = > ? @". */
static inline bool is_trigger(char byte)
{
	return (byte >= ':' && byte <= '@') || byte == '.' || byte == ')';
}

/* The first trigger from at on, or the text's length. */
static size_t next_trigger(struct slice text, size_t at)
{
#ifdef __SSE2__
	for (; text.len - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.data + at));
		__m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(':'));
		__m128i range =
		    _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8('@' - ':')), above);
		__m128i dot = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'));
		__m128i bracket = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(')'));
		int mask = _mm_movemask_epi8(_mm_or_si128(range, _mm_or_si128(dot, bracket)));

		if (mask)
			return at + (size_t)__builtin_ctz((unsigned)mask);
	}
#endif
	while (at < text.len && !is_trigger(text.data[at]))
		at++;
	return at;
}

static bool find_at(struct find *f, size_t at, size_t *start, struct part *part)
{
	char byte = f->text.data[at];

	if (byte == '.') /* no emoticon has one */
		return find_bare(f, at, start, part);
	if (byte == ':' && find_url(f, at, start, part))
		return true;
	if (find_emoticon(f, at, start, part))
		return true;
	return byte == '@' && find_mention(f, at, start, part);
}

size_t parts_find(struct slice text, part_lookup *lookup, void *context, struct part *out,
		  size_t max, char *links, size_t links_size)
{
	struct find f = { .text = text,
			  .lookup = lookup,
			  .context = context,
			  .links = links,
			  .links_left = links_size };
	size_t count = 0, start = 0;
	struct part part;

	for (size_t at = next_trigger(text, 0); at < text.len; at = next_trigger(text, at)) {
		size_t end;

		if (!find_at(&f, at++, &start, &part))
			continue;
		end = (size_t)(part.text.data - text.data) + part.text.len;
		/* Places taken: text before, this part, text behind. */
		if ((count == 0 || start > f.done) + 1U + (end < text.len) > max - count)
			break;
		if (count == 0 || start > f.done)
			out[count++] =
			    (struct part){ .text = slice_span(text.data + f.done, start - f.done) };
		out[count++] = part;
		f.done = at = end;
	}
	if (count && f.done < text.len)
		out[count++] =
		    (struct part){ .text = slice_span(text.data + f.done, text.len - f.done) };
	return count;
}
