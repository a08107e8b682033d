#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

static int by_word(const void *left, const void *right)
{
    return strcmp((*(struct entry *const *)left)->word, (*(struct entry *const *)right)->word);
}

int main(void)
{
    static char word[256];
    while (scanf("%255s", word) == 1)
        list_add(word);
    size_t count = list_size();
    struct entry **all = malloc(count * sizeof *all);
    list_fill(all);
    qsort(all, count, sizeof *all, by_word);
    for (size_t i = 0; i < count; i++)
        printf("%s %ld\n", all[i]->word, all[i]->count);
    return 0;
}
