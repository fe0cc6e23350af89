//! Complex numbers as texts: `3+4i`.

use super::args::{out_of_range, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value, format::general_text};

macro_rules! of_complex {
    ($signature:literal, $help:literal, $example:literal, $f:expr) => {
        declare(
            $signature,
            $help,
            $example,
            Body::Each(|args| {
                let f: fn(Complex) -> Complex = $f;
                let (z, unit) = read(args.value(0))?;
                f(z).show(unit)
            }),
        )
    };
}

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "COMPLEX(real, imaginary, [unit])",
        "A complex number from its parts.",
        "=COMPLEX(3,4)",
        Body::Each(|args| {
            let unit = match &*args.text_or(2, "i")? {
                "" | "i" => 'i',
                "j" => 'j',
                _ => return Err(wrong("the unit is i or j")),
            };
            if matches!(args.value(0), Value::Bool(_)) || matches!(args.value(1), Value::Bool(_)) {
                return Err(wrong("the parts must be numbers"));
            }
            Complex { re: args.number(0)?, im: args.number(1)? }.show(unit)
        }),
    ),
    declare(
        "IMREAL(number)",
        "The real part.",
        "=IMREAL(\"3+4i\")",
        Body::Each(|args| Ok(Value::number(read(args.value(0))?.0.re))),
    ),
    declare(
        "IMAGINARY(number)",
        "The imaginary part.",
        "=IMAGINARY(\"3+4i\")",
        Body::Each(|args| Ok(Value::number(read(args.value(0))?.0.im))),
    ),
    declare(
        "IMABS(number)",
        "The absolute value.",
        "=IMABS(\"3+4i\")",
        Body::Each(|args| Ok(Value::number(read(args.value(0))?.0.size()))),
    ),
    declare(
        "IMARGUMENT(number)",
        "The angle.",
        "=IMARGUMENT(\"3+4i\")",
        Body::Each(|args| {
            let z = read(args.value(0))?.0;
            if z.size() == 0.0 { Err(CellError::new(ErrorKind::Div0)) } else { Ok(Value::number(z.angle())) }
        }),
    ),
    of_complex!("IMCONJUGATE(number)", "The conjugate.", "=IMCONJUGATE(\"3+4i\")", |z| Complex { im: -z.im, ..z }),
    of_complex!("IMSQRT(number)", "The square root.", "=IMSQRT(\"3+4i\")", |z| z.power(0.5)),
    of_complex!("IMEXP(number)", "e raised to a complex power.", "=IMEXP(\"1+i\")", Complex::exp),
    of_complex!("IMSIN(number)", "The sine.", "=IMSIN(\"1+i\")", Complex::sin),
    of_complex!("IMCOS(number)", "The cosine.", "=IMCOS(\"1+i\")", Complex::cos),
    of_complex!("IMTAN(number)", "The tangent.", "=IMTAN(\"1+i\")", |z| z.sin().over(z.cos())),
    of_complex!("IMCOT(number)", "The cotangent.", "=IMCOT(\"1+i\")", |z| z.cos().over(z.sin())),
    of_complex!("IMSEC(number)", "The secant.", "=IMSEC(\"1+i\")", |z| ONE.over(z.cos())),
    of_complex!("IMCSC(number)", "The cosecant.", "=IMCSC(\"1+i\")", |z| ONE.over(z.sin())),
    of_complex!("IMSINH(number)", "The hyperbolic sine.", "=IMSINH(\"1+i\")", Complex::sinh),
    of_complex!("IMCOSH(number)", "The hyperbolic cosine.", "=IMCOSH(\"1+i\")", Complex::cosh),
    of_complex!("IMSECH(number)", "The hyperbolic secant.", "=IMSECH(\"1+i\")", |z| ONE.over(z.cosh())),
    of_complex!("IMCSCH(number)", "The hyperbolic cosecant.", "=IMCSCH(\"1+i\")", |z| ONE.over(z.sinh())),
    declare("IMLN(number)", "The natural logarithm.", "=IMLN(\"3+4i\")", Body::Each(|args| logarithm(args, 1.0))),
    declare(
        "IMLOG10(number)",
        "The logarithm to base 10.",
        "=IMLOG10(\"3+4i\")",
        Body::Each(|args| logarithm(args, std::f64::consts::LN_10)),
    ),
    declare(
        "IMLOG2(number)",
        "The logarithm to base 2.",
        "=IMLOG2(\"3+4i\")",
        Body::Each(|args| logarithm(args, std::f64::consts::LN_2)),
    ),
    declare(
        "IMPOWER(number, exponent)",
        "A complex number raised to a power.",
        "=IMPOWER(\"2+3i\",3)",
        Body::Each(|args| {
            let (z, unit) = read(args.value(0))?;
            let exponent = args.number(1)?;
            if z.size() == 0.0 {
                return if exponent > 0.0 { Ok("0".into()) } else { Err(out_of_range("0 has no such power")) };
            }
            z.power(exponent).show(unit)
        }),
    ),
    declare(
        "IMDIV(number, divisor)",
        "The quotient of two complex numbers.",
        "=IMDIV(\"6+2i\",\"3+4i\")",
        Body::Each(|args| pair(args, Complex::over)),
    ),
    declare(
        "IMSUB(number, subtrahend)",
        "The difference of two complex numbers.",
        "=IMSUB(\"6+2i\",\"3+4i\")",
        Body::Each(|args| pair(args, |a, b| Complex { re: a.re - b.re, im: a.im - b.im })),
    ),
    declare(
        "IMSUM(number1, [number2], …)",
        "The sum of complex numbers.",
        "=IMSUM(\"6+2i\",\"3+4i\")",
        Body::Whole(|args| {
            fold(args, Complex { re: 0.0, im: 0.0 }, |a, b| Complex { re: a.re + b.re, im: a.im + b.im })
        }),
    ),
    declare(
        "IMPRODUCT(number1, [number2], …)",
        "The product of complex numbers.",
        "=IMPRODUCT(\"6+2i\",\"3+4i\")",
        Body::Whole(|args| fold(args, ONE, Complex::times)),
    ),
];

const ONE: Complex = Complex { re: 1.0, im: 0.0 };

#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn size(self) -> f64 {
        self.re.hypot(self.im)
    }

    fn angle(self) -> f64 {
        self.im.atan2(self.re)
    }

    fn times(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    /// Smith's division, which does not overflow where the quotient does not.
    fn over(self, other: Self) -> Self {
        if other.re.abs() >= other.im.abs() {
            let ratio = other.im / other.re;
            let scale = other.re + other.im * ratio;
            Self { re: (self.re + self.im * ratio) / scale, im: (self.im - self.re * ratio) / scale }
        } else {
            let ratio = other.re / other.im;
            let scale = other.re * ratio + other.im;
            Self { re: (self.re * ratio + self.im) / scale, im: (self.im * ratio - self.re) / scale }
        }
    }

    fn power(self, exponent: f64) -> Self {
        if self.size() == 0.0 {
            return Self { re: 0.0, im: 0.0 };
        }
        let (size, angle) = (self.size().powf(exponent), self.angle() * exponent);
        Self { re: size * angle.cos(), im: size * angle.sin() }
    }

    fn exp(self) -> Self {
        Self { re: self.re.exp() * self.im.cos(), im: self.re.exp() * self.im.sin() }
    }

    fn sin(self) -> Self {
        Self { re: self.re.sin() * self.im.cosh(), im: self.re.cos() * self.im.sinh() }
    }

    fn cos(self) -> Self {
        Self { re: self.re.cos() * self.im.cosh(), im: -self.re.sin() * self.im.sinh() }
    }

    fn sinh(self) -> Self {
        Self { re: self.re.sinh() * self.im.cos(), im: self.re.cosh() * self.im.sin() }
    }

    fn cosh(self) -> Self {
        Self { re: self.re.cosh() * self.im.cos(), im: self.re.sinh() * self.im.sin() }
    }

    fn show(self, unit: char) -> Outcome {
        if !self.re.is_finite() || !self.im.is_finite() {
            return Err(out_of_range("the result is not finite"));
        }
        if self.im == 0.0 {
            return Ok(Value::text(general_text(self.re)));
        }
        let size = self.im.abs();
        let digits = if size == 1.0 { String::new() } else { general_text(size) };
        let sign = match (self.re == 0.0, self.im < 0.0) {
            (_, true) => "-",
            (true, false) => "",
            (false, false) => "+",
        };
        let real = if self.re == 0.0 { String::new() } else { general_text(self.re) };
        Ok(Value::text(format!("{real}{sign}{digits}{unit}")))
    }
}

/// Reads `3`, `4i`, `3+4i`, `-i`, with i or j.
fn read(value: &Value) -> Result<(Complex, char), CellError> {
    let text = match value {
        Value::Bool(_) => return Err(wrong("a truth value is no complex number")),
        Value::Text(text) => text.trim().to_owned(),
        value => return Ok((Complex { re: value.to_number()?, im: 0.0 }, 'i')),
    };
    let bad = || out_of_range("this is no complex number");
    let number = |text: &str| match text {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        text => text.parse::<f64>().ok().filter(|number| number.is_finite()),
    };
    let Some(unit) = text.chars().last().filter(|c| matches!(c, 'i' | 'j')) else {
        let re = text.parse().ok().filter(|re: &f64| re.is_finite() && !text.is_empty()).ok_or_else(bad)?;
        return Ok((Complex { re, im: 0.0 }, 'i'));
    };
    let body = &text[..text.len() - 1];
    // The sign between the parts is the last one that is not an exponent's.
    let bytes = body.as_bytes();
    let split =
        (1..bytes.len()).rev().find(|&at| matches!(bytes[at], b'+' | b'-') && !matches!(bytes[at - 1], b'e' | b'E'));
    let (re, im) = match split {
        Some(at) => (body[..at].parse().ok(), number(&body[at..])),
        None => (Some(0.0), number(body)),
    };
    match (re, im) {
        (Some(re), Some(im)) => Ok((Complex { re, im }, unit)),
        _ => Err(bad()),
    }
}

fn logarithm(args: &Args<'_>, base: f64) -> Outcome {
    let (z, unit) = read(args.value(0))?;
    if z.size() == 0.0 {
        return Err(out_of_range("0 has no logarithm"));
    }
    Complex { re: z.size().ln() / base, im: z.angle() / base }.show(unit)
}

fn pair(args: &Args<'_>, f: fn(Complex, Complex) -> Complex) -> Outcome {
    let ((a, first), (b, second)) = (read(args.value(0))?, read(args.value(1))?);
    if a.im != 0.0 && b.im != 0.0 && first != second {
        return Err(wrong("i and j must not be mixed"));
    }
    f(a, b).show(if a.im == 0.0 { second } else { first })
}

fn fold(args: &Args<'_>, start: Complex, f: fn(Complex, Complex) -> Complex) -> Outcome {
    let (mut sum, mut unit) = (start, None);
    for arg in args.list() {
        let values = match &arg.value {
            Value::Array(array) => array.cells(),
            single => std::slice::from_ref(single),
        };
        // A blank cell by itself is 0; those within a range do not count.
        for value in values.iter().filter(|value| values.len() == 1 || !value.is_blank()) {
            let (z, own) = read(value)?;
            if z.im != 0.0 && *unit.get_or_insert(own) != own {
                return Err(wrong("i and j must not be mixed"));
            }
            sum = f(sum, z);
        }
    }
    sum.show(unit.unwrap_or('i'))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn complex_numbers() {
        check(&[
            ("COMPLEX(3,4)", "\"3+4i\""),
            ("COMPLEX(0,-1,\"j\")", "\"-j\""),
            ("COMPLEX(3,0)", "\"3\""),
            ("IMREAL(\"6-9i\")&IMAGINARY(\"6-9i\")", "\"6-9\""),
            ("IMABS(\"5+12i\")", "13"),
            ("IMAGINARY(\"1e3-2e-1i\")", "-0.2"),
            ("IMSUM(\"3+4i\",\"5-3i\")", "\"8+i\""),
            ("IMSUB(\"13+4i\",\"5+3i\")", "\"8+i\""),
            ("IMPRODUCT(\"3+4i\",\"5-3i\")", "\"27+11i\""),
            ("IMDIV(\"-238+240i\",\"10+24i\")", "\"5+12i\""),
            ("IMREAL(IMSQRT(\"1+i\"))", "1.09868411346781"),
            ("IMREAL(\"abc\")", "#NUM!"),
            ("IMDIV(\"1\",\"0\")", "#NUM!"),
        ]);
    }
}
