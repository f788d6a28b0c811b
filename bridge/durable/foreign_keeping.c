#include "bridge/durable/foreign_keeping.h"

#include <string.h>

#include "codecs/text/memory.h"

static size_t bytes_of(const struct foreign_keeping *keeping)
{
	size_t bytes = keeping->upstream.len + keeping->room.len;

	for (size_t i = 0; i < keeping->count; i++)
		bytes += keeping->names[i].theirs.len;
	return bytes;
}

static struct slice copy_text(char **to, struct slice text)
{
	struct slice copy = { *to, text.len };

	if (text.len)
		memcpy(*to, text.data, text.len);
	*to += text.len;
	return copy;
}

/* One block: the mail frees it without knowing what it is. */
struct post_foreign *foreign_post(const struct foreign_keeping *keeping)
{
	size_t head = sizeof(*keeping) + keeping->count * sizeof(*keeping->names);
	struct foreign_keeping *copy = memory_new(head + bytes_of(keeping));
	struct foreign_name *names = (struct foreign_name *)(copy + 1);
	struct post_foreign *post = post_new(POST_FOREIGN);
	char *text = (char *)copy + head;

	*copy = *keeping;
	copy->upstream = copy_text(&text, keeping->upstream);
	copy->room = copy_text(&text, keeping->room);
	for (size_t i = 0; i < keeping->count; i++) {
		names[i].id = keeping->names[i].id;
		names[i].theirs = copy_text(&text, keeping->names[i].theirs);
	}
	copy->names = names;
	post->keeping = copy;
	return post;
}
