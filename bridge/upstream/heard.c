#include "bridge/upstream/heard.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

static void keep(struct slice *text)
{
	if (text->data)
		text->data = memory_text(text->data, text->len);
}

static void drop(struct slice text)
{
	free((char *)(uintptr_t)text.data);
}

struct heard *heard_new(const struct call_heard *of)
{
	struct heard *heard = memory_zeroed(1, sizeof(*heard));
	struct slice *removed = NULL;

	heard->of = *of;
	heard->event = envelope_seal(&of->event);
	heard->of.event = *heard->event;
	keep(&heard->of.author.id);
	keep(&heard->of.author.name);
	keep(&heard->of.subject.id);
	keep(&heard->of.subject.name);
	keep(&heard->of.id);
	keep(&heard->of.target);
	keep(&heard->of.room);
	if (of->removed_count)
		removed = memory_new(of->removed_count * sizeof(*removed));
	for (size_t i = 0; i < of->removed_count; i++) {
		removed[i] = of->removed[i];
		keep(&removed[i]);
	}
	heard->of.removed = removed;
	return heard;
}

void heard_free(struct heard *heard)
{
	if (!heard)
		return;
	for (size_t i = 0; i < heard->of.removed_count; i++)
		drop(heard->of.removed[i]);
	free((struct slice *)(uintptr_t)heard->of.removed);
	drop(heard->of.author.id);
	drop(heard->of.author.name);
	drop(heard->of.subject.id);
	drop(heard->of.subject.name);
	drop(heard->of.id);
	drop(heard->of.target);
	drop(heard->of.room);
	envelope_release(heard->event);
	free(heard);
}
