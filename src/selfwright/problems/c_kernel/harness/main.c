/* Reads pairs of words, prints the distance of each. Locked. */
#include <stdio.h>
#include <string.h>

int distance(const unsigned char *a, int m, const unsigned char *b, int n);

int main(void)
{
    static char a[8192], b[8192];
    while (scanf("%8191s %8191s", a, b) == 2)
        printf("%d\n", distance((unsigned char *)a, (int)strlen(a), (unsigned char *)b, (int)strlen(b)));
    return 0;
}
