#include "bridge/durable/lasting.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct lasting *lasting_new(enum lasting_kind kind)
{
	struct lasting *lasting = memory_zeroed(1, sizeof(*lasting));

	lasting->kind = kind;
	return lasting;
}

static void release(struct lasting *lasting)
{
	explicit_bzero(lasting->person.hash, sizeof(lasting->person.hash));
	free(lasting);
}

struct post *lasting_post(struct lasting *lasting)
{
	struct post_kept *post = post_new(POST_KEPT);

	post->lasting = lasting;
	post->release = release;
	return &post->post;
}

void lasting_heard(struct post *post)
{
	struct lasting *lasting = ((struct post_kept *)post)->lasting;

	if (lasting->hear)
		lasting->hear(lasting);
}
