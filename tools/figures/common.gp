# What all figures share. It stands between a figure's variables and its own script, which may use
#   colour[slot(i)], shape[mark(i)], dash[stroke(i)]   of curve i
#   kinds                      the pictures to draw: png, svg and pdf, as gnuplot has them
#   begin(kind, width, height) a command for eval: starts FIGURE.KIND, measured in CSS pixels
#   size                       of points, set by it
#   corner                     pixels at the bottom that are kept for the corner's text
# and sets these variables:
#   footer_text                small, in the corner: configuration and program version
#   log_axes                   'x y', 'y'...: logarithmic from AXIS_low to AXIS_high

# Okabe and Ito: told apart with every kind of colour vision; by marks and dashes without any.
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array shape[7] = [7, 5, 9, 11, 13, 15, 3]
array dash[4] = [1, 2, 4, 5]
slot(i) = (i - 1) % 7 + 1
mark(i) = (i - 1 + (i - 1) / 7) % 7 + 1 # a colour comes back with another shape
stroke(i) = (i - 1) % 4 + 1

set datafile missing 'nan'
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
set title title_text noenhanced font ',14' textcolor rgb '#101010'

# Powers of ten; where there are few of them, 2 and 5 times these as well.
do for [axis in log_axes] {
    low = value(axis . '_low')
    high = value(axis . '_high')
    eval sprintf("set logscale %s 10; set %srange [%.15g:%.15g] noextend", axis, axis, low, high)
    if (log10(high) - log10(low) > 3.2) {
        eval sprintf("set format %s '10^{%%L}'; set m%stics 10", axis, axis)
    } else {
        eval sprintf("set format %s '%%h'; set %stics ()", axis, axis) # the automatic ones go
        do for [k = floor(log10(low)) : ceil(log10(high))] {
            do for [m in '1 2 5'] { eval sprintf("set %stics add (%.15g)", axis, m * 10.0**k) }
        }
    }
}

# Below the plot, where it can hide no data; the empty title keeps it off the axis label.
set key outside below center vertical maxcols 1 Left reverse noenhanced samplen 3 \
    spacing 1.25 title ' '

has(name) = strstrt(GPVAL_TERMINALS, name) > 0
kinds = 'png svg' . (has('pdfcairo') ? ' pdf' : '')
corner = 18.0
picture_name = ''
do for [k = 1:strlen(figure)] {
    picture_name = picture_name . (figure[k:k] eq '-' ? '_' : figure[k:k])
}
svg(w, h) = sprintf("set terminal svg size %d, %d font 'DejaVu Sans,12' linewidth 1.2 \
    background 'white' name '%s'; size = 0.6", w, h, picture_name)
# Two pixels for one here.
png(w, h) = has('pngcairo') ? \
    sprintf("set terminal pngcairo size %d, %d font 'DejaVu Sans,12' fontscale 2 linewidth 2.4 \
    pointscale 2.4; size = 0.55", 2 * w, 2 * h) : \
    sprintf("set terminal png size %d, %d font 'DejaVuSans,20' linewidth 2; size = 1.5", \
    2 * w, 2 * h)
# 96 pixels an inch; 12 pixels are 9 points.
pdf(w, h) = sprintf("set terminal pdfcairo size %.4gin, %.4gin font 'DejaVu Sans,12' \
    fontscale 0.75 linewidth 1.6 pointscale 0.9; size = 0.55", w / 96.0, h / 96.0)
# The plot moves up, so that the corner is free.
begin(kind, w, h) = (kind eq 'svg' ? svg(w, h) : kind eq 'pdf' ? pdf(w, h) : png(w, h)) . \
    sprintf("; set pointsize size; set output '%s.%s'; set size 1, %.6f; set origin 0, %.6f", \
    figure, kind, 1 - corner / h, corner / h) . \
    sprintf("; set label 999 footer_text at screen 1, screen %.6f right offset character -1, 0 \
    front noenhanced font ',8' textcolor rgb '#808080'", 9.0 / h)
