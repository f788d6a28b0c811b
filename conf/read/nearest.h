/* nearest.h - suggestions for a misspelt word. */
#ifndef CONF_READ_NEAREST_H
#define CONF_READ_NEAREST_H

/* The word of candidates (NULL-terminated) nearest to word by edit distance, or NULL when none
 * is near enough to suggest. Also used for command-line options. */
const char *conf_nearest(const char *word, const char *const *candidates);

#endif
