#include "routes/rules/pattern.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "codecs/text/memory.h"

/* A search may take WORK_MAX: STEP_WORK for each item of the pattern that is tried, and one for
 * each byte passed over. That is 2 to 8 ms, and 4 items at each place of 64 KiB. */
#define WORK_MAX  (1 << 20)
#define STEP_WORK 4

/* The library's own limits, against what its steps do not show. */
#define MATCH_LIMIT     1000000
#define DEPTH_LIMIT     100000
#define HEAP_LIMIT_KIB  8192
#define REPEAT_PER_WORK 16
#define BACK_PER_WORK   16

struct pattern {
	pcre2_code *code;
	size_t step_work;    /* for each item tried */
	bool back_reference; /* items may compare as much as they passed over */
};

struct pattern_search {
	pcre2_match_context *context;
	pcre2_match_data *data;
	const struct pattern *pattern;
	size_t work, at;
};

/* ---- memory: running out of it is fatal here as everywhere ---- */

static void *take(size_t size, void *data)
{
	(void)data;
	return memory_new(size);
}

static void give(void *block, void *data)
{
	(void)data;
	free(block);
}

/* ---- making ---- */

/* Passes over the character at i, with all of \x{41}. */
static size_t pass_over(struct slice text, size_t i)
{
	if (text.data[i] != '\\' || i + 1 == text.len)
		return i + 1;
	i++;
	if ((text.data[i] == 'x' || text.data[i] == 'o') && i + 1 < text.len &&
	    text.data[i + 1] == '{')
		while (i < text.len && text.data[i] != '}')
			i++;
	return i < text.len ? i + 1 : i;
}

/* The largest N in the repeats {N}, {N,} and {N,M} of a pattern: trying one item that begins with
 * so many characters costs as much, and does not show. */
static size_t largest_repeat(struct slice text)
{
	size_t largest = 0;

	for (size_t i = 0; i < text.len;) {
		size_t number = 0;
		bool repeat = text.data[i] == '{';

		i = pass_over(text, i);
		while (repeat && i < text.len && text.data[i] >= '0' && text.data[i] <= '9' &&
		       number < UINT16_MAX)
			number = number * 10 + (size_t)(text.data[i++] - '0');
		if (number > largest)
			largest = number;
	}
	return largest;
}

static pcre2_code *code_new(struct slice text, int *error, size_t *at)
{
	const uint32_t options =
	    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
	pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
	pcre2_compile_context *context = pcre2_compile_context_create(memory);
	pcre2_code *code;

	pcre2_set_max_pattern_length(context, PATTERN_BYTES_MAX);
	pcre2_set_parens_nest_limit(context, PATTERN_NEST_MAX);
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
	code = pcre2_compile((PCRE2_SPTR)text.data, text.len, options, error, at, context);
	pcre2_compile_context_free(context);
	pcre2_general_context_free(memory);
	return code;
}

static void why_not(int error, size_t at, char why[PATTERN_WHY_MAX])
{
	PCRE2_UCHAR message[PATTERN_WHY_MAX - 32];

	if (pcre2_get_error_message(error, message, sizeof(message)) < 0)
		snprintf(why, PATTERN_WHY_MAX, "error %d", error);
	else if (error == PCRE2_ERROR_PATTERN_STRING_TOO_LONG)
		snprintf(why, PATTERN_WHY_MAX, "it is longer than %d bytes", PATTERN_BYTES_MAX);
	else
		snprintf(why, PATTERN_WHY_MAX, "%s, at byte %zu", (const char *)message, at);
}

struct pattern *pattern_new(struct slice text, char why[PATTERN_WHY_MAX])
{
	struct pattern *pattern;
	uint32_t references = 0;
	size_t at;
	int error;
	pcre2_code *code = code_new(text, &error, &at);

	if (!code) {
		why_not(error, at, why);
		return NULL;
	}
	/* Where the process may make no machine code, the library interprets the pattern. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	(void)pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &references);
	pattern = memory_new(sizeof(*pattern));
	*pattern =
	    (struct pattern){ .code = code,
			      .step_work = STEP_WORK + largest_repeat(text) / REPEAT_PER_WORK,
			      .back_reference = references > 0 };
	return pattern;
}

void pattern_free(struct pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_code_free(pattern->code);
	free(pattern);
}

/* ---- searching ---- */

/* The library calls this before each item of the pattern that it tries. */
static int count_step(pcre2_callout_block *step, void *data)
{
	struct pattern_search *search = data;

	search->work += search->pattern->step_work;
	if (step->current_position > search->at)
		search->work += step->current_position - search->at;
	if (search->pattern->back_reference && step->current_position > step->start_match)
		search->work += (step->current_position - step->start_match) / BACK_PER_WORK;
	search->at = step->current_position;
	return search->work > WORK_MAX ? PCRE2_ERROR_CALLOUT : 0;
}

struct pattern_search *pattern_search_new(void)
{
	struct pattern_search *search = memory_zeroed(1, sizeof(*search));
	pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);

	search->context = pcre2_match_context_create(memory);
	search->data = pcre2_match_data_create(1, memory);
	pcre2_general_context_free(memory);
	pcre2_set_match_limit(search->context, MATCH_LIMIT);
	pcre2_set_depth_limit(search->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(search->context, HEAP_LIMIT_KIB);
	pcre2_set_callout(search->context, count_step, search);
	return search;
}

void pattern_search_free(struct pattern_search *search)
{
	if (!search)
		return;
	pcre2_match_data_free(search->data);
	pcre2_match_context_free(search->context);
	free(search);
}

static int search_once(struct pattern_search *search, struct slice text, uint32_t options)
{
	search->at = 0;
	return pcre2_match(search->pattern->code, (PCRE2_SPTR)(text.data ? text.data : ""),
			   text.len, 0, PCRE2_NO_UTF_CHECK | options, search->data,
			   search->context);
}

enum pattern_verdict pattern_find(const struct pattern *pattern, struct pattern_search *search,
				  struct slice text)
{
	int result;

	search->pattern = pattern;
	search->work = 0;
	result = search_once(search, text, 0);
	if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
		/* Machine code has 32 KiB of the thread's stack; the interpreter has its heap. */
		search->work = 0;
		result = search_once(search, text, PCRE2_NO_JIT);
	}
	if (result >= 0)
		return PATTERN_FOUND;
	return result == PCRE2_ERROR_NOMATCH ? PATTERN_ABSENT : PATTERN_GAVE_UP;
}
