#include <stddef.h>

struct entry {
    char *word;
    long count;
    struct entry *next;
};

void list_add(const char *word);
size_t list_size(void);
void list_fill(struct entry **all);
