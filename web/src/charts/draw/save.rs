//! A chart as a file, looking as it does on the screen.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, CssStyleDeclaration, Element, HtmlAnchorElement,
    HtmlCanvasElement, HtmlImageElement, Url,
};

use super::table_drawing;

/// What style sheets say about a drawing; a file has none, so each mark takes it along.
const STYLES: [&str; 12] = [
    "opacity",
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "font-family",
    "font-size",
    "font-weight",
];
const NAMESPACE: &str = "http://www.w3.org/2000/svg";
/// Pixels of a picture for each of the screen's, so that it can be printed.
const SCALE: f64 = 2.0;
const MARGIN: f64 = 12.0;

/// The buttons in a chart's corner. `name` becomes that of the file.
#[component]
pub fn Save(node: NodeRef<html::Div>, name: String) -> impl IntoView {
    let name = StoredValue::new(name);
    let save = move |as_picture: bool| {
        let Some(drawing) = node.get_untracked().and_then(|chart| chart.query_selector("svg, table").ok().flatten())
        else {
            return;
        };
        name.with_value(|name| {
            // Nothing can be done where a browser refuses to write a file: it says so itself.
            let _ = if as_picture { save_picture(&drawing, name) } else { save_drawing(&drawing, name) };
        });
    };
    view! {
        <div class="chart-save">
            <button type="button" on:click=move |_| save(false) title="Save as a drawing (SVG)">"SVG"</button>
            <button type="button" on:click=move |_| save(true) title="Save as a picture (PNG)">"PNG"</button>
        </div>
    }
}

fn computed(element: &Element) -> Result<CssStyleDeclaration, JsValue> {
    window().get_computed_style(element)?.ok_or(JsValue::NULL)
}

/// The drawing as text that stands for itself, its width and its height.
fn standing_alone(drawing: &Element) -> Result<(String, f64, f64), JsValue> {
    let bounds = drawing.get_bounding_client_rect();
    let (width, height) = (bounds.width() + 2.0 * MARGIN, bounds.height() + 2.0 * MARGIN);
    let ground = computed(document().body().ok_or(JsValue::NULL)?.as_ref())?.get_property_value("background-color")?;
    let is_table = drawing.tag_name().eq_ignore_ascii_case("table");
    let marks = if is_table { table_drawing::marks(drawing)? } else { styled_marks(drawing)? };
    let text = format!(
        r#"<svg xmlns="{NAMESPACE}" width="{width}" height="{height}" viewBox="{0} {0} {width} {height}"><rect x="{0}" y="{0}" width="{width}" height="{height}" fill="{ground}"/>{marks}</svg>"#,
        -MARGIN
    );
    Ok((text, width, height))
}

/// The marks of a drawing, each with what style sheets say of it.
fn styled_marks(drawing: &Element) -> Result<String, JsValue> {
    let copy: Element = drawing.clone_node_with_deep(true)?.unchecked_into();
    let (of, to) = (drawing.query_selector_all("*")?, copy.query_selector_all("*")?);
    for place in 0..of.length() {
        let (Some(of), Some(to)) = (of.item(place), to.item(place)) else { continue };
        let (of, to): (Element, Element) = (of.unchecked_into(), to.unchecked_into());
        let style = computed(&of)?;
        for property in STYLES {
            to.set_attribute(property, &style.get_property_value(property)?)?;
        }
    }
    // Where the pointer was is no part of it.
    if let Some(cursor) = copy.query_selector(".cursor")? {
        cursor.remove();
    }
    Ok(copy.inner_html())
}

fn save_drawing(drawing: &Element, name: &str) -> Result<(), JsValue> {
    let (text, _, _) = standing_alone(drawing)?;
    hand_out(&as_file(&text)?, name, "svg")
}

fn as_file(text: &str) -> Result<Blob, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("image/svg+xml");
    Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &kind)
}

fn save_picture(drawing: &Element, name: &str) -> Result<(), JsValue> {
    let (text, width, height) = standing_alone(drawing)?;
    let image = HtmlImageElement::new()?;
    let (loaded, name) = (image.clone(), name.to_owned());
    let paint = move || -> Result<(), JsValue> {
        let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
        canvas.set_width((width * SCALE) as u32);
        canvas.set_height((height * SCALE) as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
        context.scale(SCALE, SCALE)?;
        context.draw_image_with_html_image_element(&loaded, 0.0, 0.0)?;
        let give = Closure::once_into_js(move |picture: Option<Blob>| {
            picture.and_then(|picture| hand_out(&picture, &name, "png").ok());
        });
        canvas.to_blob(give.unchecked_ref())
    };
    let painted = Closure::once_into_js(move || {
        let _ = paint();
    });
    image.set_onload(Some(painted.unchecked_ref()));
    // The page's policy lets no images in but its own and those written out in an address.
    image.set_src(&format!("data:image/svg+xml,{}", String::from(js_sys::encode_uri_component(&text))));
    Ok(())
}

/// Lets the browser save a file as if it had been downloaded.
fn hand_out(file: &Blob, name: &str, ending: &str) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(file)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(&format!("{name}.{ending}"));
    link.click();
    Url::revoke_object_url(&address)
}
