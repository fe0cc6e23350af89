//! Texts the browser keeps for us through reloads and restarts, in IndexedDB.
//!
//! Unlike local storage it holds more than a few megabytes, does not stop the page while it writes, and changes several
//! entries as one.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

const DATABASE: &str = "equipoise";
const STORE: &str = "unsent";
/// Comes behind every other character in a key.
const LAST: char = '\u{ffff}';

thread_local! {
    static OPEN: RefCell<Option<Shelf>> = const { RefCell::new(None) };
}

/// An open database.
#[derive(Clone)]
pub struct Shelf(IdbDatabase);

impl Shelf {
    /// The browser's, opened at the first need and made where it is new. An error where the browser forbids keeping
    /// anything.
    pub async fn get() -> Result<Self, JsValue> {
        if let Some(open) = OPEN.with_borrow(Clone::clone) {
            return Ok(open);
        }
        let factory = leptos::prelude::window().indexed_db()?.ok_or(JsValue::NULL)?;
        let request: IdbOpenDbRequest = factory.open_with_u32(DATABASE, 1)?;
        let opening = request.clone();
        let make = Closure::once_into_js(move || {
            if let Ok(database) = opening.result().and_then(JsCast::dyn_into::<IdbDatabase>) {
                let _ = database.create_object_store(STORE);
            }
        });
        request.set_onupgradeneeded(Some(make.unchecked_ref()));
        let shelf = Self(answer(&request).await?.dyn_into()?);
        OPEN.set(Some(shelf.clone()));
        Ok(shelf)
    }

    /// The texts whose keys begin so, with their keys.
    pub async fn beginning_with(&self, start: &str) -> Result<Vec<(String, String)>, JsValue> {
        let (_, store) = self.store(IdbTransactionMode::Readonly)?;
        let range = IdbKeyRange::bound(&start.into(), &format!("{start}{LAST}").into())?;
        let (keys, texts) = (store.get_all_keys_with_key(&range)?, store.get_all_with_key(&range)?);
        let texts = answer(&texts);
        let (keys, texts) = (answer(&keys).await?, texts.await?);
        let (keys, texts) = (js_sys::Array::from(&keys), js_sys::Array::from(&texts));
        Ok(keys
            .iter()
            .zip(texts.iter())
            .filter_map(|(key, text)| Some((key.as_string()?, text.as_string()?)))
            .collect())
    }

    /// Puts one text in the place of others: all of it happens, or nothing. `None` only removes. What it comes to need
    /// not be waited for.
    pub fn replace(
        &self,
        others: &[String],
        key: &str,
        text: Option<&str>,
    ) -> Result<impl Future<Output = Result<(), JsValue>> + use<>, JsValue> {
        let (transaction, store) = self.store(IdbTransactionMode::Readwrite)?;
        for other in others {
            store.delete(&other.into())?;
        }
        match text {
            Some(text) => store.put_with_key(&text.into(), &key.into())?,
            None => store.delete(&key.into())?,
        };
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        let done = JsFuture::from(done);
        Ok(async move { done.await.map(drop) })
    }

    fn store(&self, mode: IdbTransactionMode) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
        let transaction = self.0.transaction_with_str_and_mode(STORE, mode)?;
        let store = transaction.object_store(STORE)?;
        Ok((transaction, store))
    }
}

/// What a request comes to.
fn answer(request: &IdbRequest) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    let (done, request) = (JsFuture::from(done), request.clone());
    async move {
        done.await?;
        request.result()
    }
}
