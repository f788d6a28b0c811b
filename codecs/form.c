#include "codecs/form.h"

#include <assert.h>

uint32_t form_number(size_t dialect, const struct codec *codec, const struct form *form)
{
	assert(dialect < FORMS_PLAIN / CODEC_FORMS_MAX);
	for (uint32_t i = 0; i < codec->form_count; i++)
		if (codec->forms[i].framing == form->framing &&
		    codec->forms[i].capabilities == form->capabilities)
			return (uint32_t)dialect * CODEC_FORMS_MAX + i;
	return form_alone(dialect);
}
