#include <stdlib.h>

/* The whole table, a row for each letter of a (Wagner and Fischer 1974). */
int distance(const unsigned char *a, int m, const unsigned char *b, int n)
{
    int *table = malloc((size_t)(m + 1) * (n + 1) * sizeof *table);
#define AT(i, j) table[(size_t)(i) * (n + 1) + (j)]
    for (int i = 0; i <= m; i++)
        AT(i, 0) = i;
    for (int j = 0; j <= n; j++)
        AT(0, j) = j;
    for (int j = 1; j <= n; j++)
        for (int i = 1; i <= m; i++) {
            int best = AT(i - 1, j - 1) + (a[i - 1] != b[j - 1]);
            if (AT(i - 1, j) + 1 < best)
                best = AT(i - 1, j) + 1;
            if (AT(i, j - 1) + 1 < best)
                best = AT(i, j - 1) + 1;
            AT(i, j) = best;
        }
    int result = AT(m, n);
    free(table);
    return result;
}
