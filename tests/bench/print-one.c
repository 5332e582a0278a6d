/* The least that a program of a grid can do. */
#include <unistd.h>

int main(void)
{
    static const char result[] = "{\"x\": 1}\n";
    return write(STDOUT_FILENO, result, sizeof result - 1) < 0;
}
