#include "codecs/model/emote.h"

#include <string.h>

#include "codecs/text/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The sheet of the "default" pack: places of 24 by 24, eight in a row. */
#define SHEET_PLACE 24
#define SHEET_ROW   8

struct emote {
	char code[EMOTE_PLACED_MAX + 1], emoji[EMOTE_EMOJI_MAX + 1];
};

/* In the order of their places. What says the same as another (":-)" as ":)") has no emoji: it
 * would come back as that. */
static const struct emote placed[] = {
	{ ":(", "\U0001F641" },
	{ ":P", "\U0001F61B" },
	{ ";)", "\U0001F609" },
	{ ":D", "\U0001F603" },
	{ ":)", "\U0001F642" },
	{ ":p", "" },
	{ ":O", "\U0001F62E" },
	{ ":o", "" },
	{ ":|", "\U0001F610" },
	{ ":/", "\U0001F615" },
	{ "<3", "\u2764\uFE0F" },
	{ "B)", "\U0001F60E" },
	{ ">:(", "\U0001F620" },
	{ ":'(", "\U0001F622" },
	{ "8)", "\U0001F913" },
	{ ":-)", "" },
	{ ":-(", "" },
	{ ":-D", "" },
	{ ";-)", "" },
	{ ":-P", "" },
	{ ":-p", "" },
	{ ":-O", "" },
	{ ":-|", "" },
	{ ":-/", "" },
	{ ":*", "\U0001F618" },
	{ ":S", "\U0001F616" },
	{ ":s", "" },
	{ ":@", "\U0001F621" },
	{ ":$", "\U0001F633" },
	{ ":3", "\U0001F63A" },
	{ "=)", "\U0001F60A" },
	{ "=(", "" },
	{ "=D", "\U0001F604" },
	{ ">:)", "\U0001F608" },
	{ "</3", "\U0001F494" },
	{ "D:", "\U0001F627" },
	{ "(:", "\U0001F643" },
	{ ":]", "" },
	{ ":[", "" },
	{ ";P", "\U0001F61C" },
	{ ";p", "" },
	{ "O:)", "\U0001F607" },
	{ ":X", "\U0001F910" },
	{ ":x", "" },
};

/* Whose places only the server knows that has them. */
static const struct {
	const char *code, *emoji;
} elsewhere[] = {
	{ ":afk", "\U0001F6AA" },       { ":bacon", "\U0001F953" },
	{ ":beer", "\U0001F37A" },      { ":cactus", "\U0001F335" },
	{ ":cake", "\U0001F370" },      { ":candy", "\U0001F36C" },
	{ ":christmas", "\U0001F384" }, { ":controller", "\U0001F3AE" },
	{ ":facepalm", "\U0001F926" },  { ":fish", "\U0001F41F" },
	{ ":fries", "\U0001F35F" },     { ":hamster", "\U0001F439" },
	{ ":icecream", "\U0001F368" },  { ":jinglebell", "\U0001F514" },
	{ ":pizza", "\U0001F355" },     { ":popcorn", "\U0001F37F" },
	{ ":sloth", "\U0001F9A5" },     { ":spaceship", "\U0001F680" },
	{ ":wrench", "\U0001F527" },
};

_Static_assert(EMOTE_PLACED_MAX == sizeof(uint32_t), "codes are compared as one word");

/* Which code with a place word is, or how many there are. */
static size_t placed_index(struct slice word)
{
	uint32_t wanted = 0, row;
	size_t index = 0;

	if (word.len > EMOTE_PLACED_MAX)
		return COUNT(placed);
	memcpy(&wanted, word.data, word.len);
	for (; index < COUNT(placed); index++) {
		memcpy(&row, placed[index].code, sizeof(row));
		/* The length too: a text may hold NUL bytes. */
		if (row == wanted && strlen(placed[index].code) == word.len)
			break;
	}
	return index;
}

static struct part part_of(size_t index, struct slice text)
{
	return (struct part){ .kind = PART_EMOTE,
			      .text = text,
			      .name = SLICE("default"),
			      .x = (uint16_t)(index % SHEET_ROW * SHEET_PLACE),
			      .y = (uint16_t)(index / SHEET_ROW * SHEET_PLACE) };
}

bool emote_find(struct slice word, struct part *part)
{
	size_t index = placed_index(word);

	if (index == COUNT(placed))
		return false;
	*part = part_of(index, word);
	return true;
}

struct slice emote_emoji(struct slice code)
{
	size_t index = placed_index(code);

	if (index < COUNT(placed))
		return slice_of(placed[index].emoji);
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		if (slice_is(code, elsewhere[i].code))
			return slice_of(elsewhere[i].emoji);
	return (struct slice){ NULL, 0 };
}

/* ---- emoji in a text ---- */

/* All begin with one of these two. */
static size_t next_candidate(struct slice text, size_t at)
{
	while (at < text.len && (unsigned char)text.data[at] != 0xf0 &&
	       (unsigned char)text.data[at] != 0xe2)
		at++;
	return at;
}

/* Which emoji stands at that place, or how many there are. */
static size_t emoji_index(struct slice text, size_t at)
{
	size_t index = 0;

	for (; index < COUNT(placed); index++) {
		size_t len = strlen(placed[index].emoji);

		if (len > 0 && text.len - at >= len &&
		    memcmp(text.data + at, placed[index].emoji, len) == 0)
			break;
	}
	return index;
}

static bool is_blank(struct slice text, size_t at)
{
	return at >= text.len || text.data[at] == ' ' ||
	       (text.data[at] >= '\t' && text.data[at] <= '\r');
}

static bool is_whole(struct slice text, size_t from, size_t to, bool alone)
{
	if (alone && (!is_blank(text, to) || (from > 0 && !is_blank(text, from - 1))))
		return false;
	return unicode_ends(text, from) && unicode_ends(text, to);
}

size_t emote_next(struct slice text, size_t at, bool alone, struct slice *emoji, struct part *part)
{
	for (at = next_candidate(text, at); at < text.len; at = next_candidate(text, at + 1)) {
		size_t index = emoji_index(text, at), len;

		if (index == COUNT(placed))
			continue;
		len = strlen(placed[index].emoji);
		if (!is_whole(text, at, at + len, alone))
			continue;
		*emoji = slice_span(text.data + at, len);
		*part = part_of(index, slice_of(placed[index].code));
		return at;
	}
	return text.len;
}
