#include "terminal/price_scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Quotes have up to 10 decimals; a price with more was computed, and its end is noise. */
enum { DECIMALS_MOST = 10 };

struct price_scale price_scale_begin(int rows)
{
    return (struct price_scale){.low = INFINITY, .high = -INFINITY, .half_rows = 2 * rows};
}

/* Returns how many decimals the price has; 0 for one that is written with an exponent. */
static int decimals_of(double price)
{
    char text[NUMBER_TEXT_SIZE];
    (void)number_format(price, text);
    const char *point = strchr(text, '.');
    int decimals = point != NULL && strchr(text, 'e') == NULL ? (int)strlen(point + 1) : 0;
    return decimals < DECIMALS_MOST ? decimals : DECIMALS_MOST;
}

void price_scale_take(struct price_scale *scale, const struct candle *candle)
{
    const double prices[] = {candle->open, candle->high, candle->low, candle->close};
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        int decimals = decimals_of(prices[i]);
        scale->decimals = decimals > scale->decimals ? decimals : scale->decimals;
    }
    scale->low = fmin(scale->low, candle->low);
    scale->high = fmax(scale->high, candle->high);
}

void price_scale_end(struct price_scale *scale)
{
    double step =
        (scale->high - scale->low) / (scale->half_rows > 2 ? scale->half_rows / 2 - 1 : 1);
    for (double unit = pow(10, -scale->decimals);
         step > 0 && step < unit && scale->decimals < DECIMALS_MOST; unit /= 10) {
        scale->decimals++;
    }
}

int price_scale_half_row(const struct price_scale *scale, double price)
{
    double share =
        scale->high > scale->low ? (scale->high - price) / (scale->high - scale->low) : 0.5;
    return (int)lround(share * (scale->half_rows - 1));
}

int price_scale_label(const struct price_scale *scale, double price, char text[NUMBER_TEXT_SIZE])
{
    int length = snprintf(text, NUMBER_TEXT_SIZE, "%.*f", scale->decimals, price);
    if (length >= NUMBER_TEXT_SIZE) {
        length = snprintf(text, NUMBER_TEXT_SIZE, "%.15g", price);
    }
    return length;
}

int price_scale_row_label(const struct price_scale *scale, int row, char text[NUMBER_TEXT_SIZE])
{
    int rows = scale->half_rows / 2;
    double share = rows > 1 ? (double)row / (rows - 1) : 0.5;
    return price_scale_label(scale, scale->high - share * (scale->high - scale->low), text);
}
