#include "list.h"

#include <stdlib.h>
#include <string.h>

static struct entry *first;
static size_t size;

void list_add(const char *word)
{
    for (struct entry *each = first; each; each = each->next)
        if (strcmp(each->word, word) == 0) {
            each->count++;
            return;
        }
    struct entry *new = malloc(sizeof *new);
    new->word = strdup(word);
    new->count = 1;
    new->next = first;
    first = new;
    size++;
}

size_t list_size(void)
{
    return size;
}

void list_fill(struct entry **all)
{
    for (struct entry *each = first; each; each = each->next)
        *all++ = each;
}
