#include "bridge/net/http/http_output.h"

#include "codecs/text/memory.h"

#define OUTPUT_MIN 1024

char *http_output_room(struct http_output *output, size_t more)
{
	size_t needed = output->len + more, size = output->size ? output->size : OUTPUT_MIN;
	char *data;

	if (needed <= output->size)
		return output->data + output->len;
	while (size < needed)
		size *= 2;
	size = memory_fit(size);
	data = memory_take(size);
	if (output->len > 0)
		memcpy(data, output->data, output->len);
	memory_give(output->data, output->size);
	output->data = data;
	output->size = size;
	return data + output->len;
}

void http_output_add(struct http_output *output, struct slice text)
{
	if (text.len == 0)
		return;
	memcpy(http_output_room(output, text.len), text.data, text.len);
	output->len += text.len;
}

void http_output_clear(struct http_output *output)
{
	memory_give(output->data, output->size);
	*output = (struct http_output){ 0 };
}
