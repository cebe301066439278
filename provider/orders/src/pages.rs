//! The pages of orders: the list, one order with its cart, the sandbox's cashier.
use std::{collections::HashSet, sync::Arc};

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use base::{Error, Fen, PersonId, day};
use catalogue::{AskNeeds, InvoiceTitle};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    group::{self, Chosen},
    order, questions,
    refunds::{self, EndLearning},
    store::{self, Buyer, Order, State},
    store_bills::{self, Issued},
    till,
};

pub(crate) fn routes(needs: &AskNeeds, end: EndLearning) -> Routes {
    let ask = Arc::clone(needs);
    let one = move |Extract(site): Extract<Site>,
                    visitor: Visitor,
                    Path(id): Path<String>,
                    Query(shown): Query<Shown>| {
        let ask = Arc::clone(&ask);
        async move { one(&site, &ask, visitor, (&id, shown)).await }
    };
    let refund = move |Extract(site): Extract<Site>,
                       visitor: Visitor,
                       Path(id): Path<String>,
                       Form(returning): Form<Returning>| async move {
        refund(&site, visitor.actor.person, &id, (returning, end)).await
    };
    Routes::new()
        .get("/orders", Access::SignedIn, list)
        .get("/orders/{id}", Access::SignedIn, one)
        .post("/orders/{id}/remove", Access::SignedIn, remove)
        .post("/orders/{id}/pay", Access::SignedIn, pay)
        .post("/orders/{id}/close", Access::SignedIn, close)
        .post("/orders/{id}/refund", Access::SignedIn, refund)
        .post("/orders/{id}/inquiry", Access::SignedIn, inquire)
        .get("/cashier/{payment}", Access::SignedIn, cashier_page)
        .post("/cashier/{payment}", Access::SignedIn, cashier_pays)
}

#[derive(Template)]
#[template(path = "orders/orders.html")]
struct OrdersPage {
    frame: Frame,
    orders: Vec<(Order, String)>,
}

async fn list(Extract(site): Extract<Site>, visitor: Visitor) -> Reply {
    let orders = store::orders(&site.db, visitor.actor.person).await?;
    let dated = |o: Order| {
        let on = dates::long(&site.texts, day::day_of(day::from_millis(o.created_at)));
        (o, on)
    };
    let orders = orders.into_iter().map(dated).collect();
    html(&OrdersPage { frame: Frame::of(&site, &visitor, "/me", "page-orders"), orders })
}

#[derive(Template)]
#[template(path = "orders/order.html")]
struct OrderPage {
    frame: Frame,
    order: Order,
    /// The courses that can be given back now.
    refundable: HashSet<String>,
    invoices: Vec<Issued>,
    /// The unit's invoice title, to be filled in with one tap.
    unit: Option<InvoiceTitle>,
    seats: Vec<Chosen>,
}

impl OrderPage {
    /// Whether all that is left can be given back.
    fn is_refundable(&self) -> bool {
        !self.refundable.is_empty() && self.order.kept().all(|i| self.refundable.contains(&i.course))
    }

    /// Whether a course can be given back and others stay.
    fn is_one_refundable(&self, course: &String) -> bool {
        self.refundable.contains(course) && self.order.kept().nth(1).is_some()
    }

    fn issued_on(invoice: &Issued) -> String {
        day::day_of(day::from_millis(invoice.issued_at)).to_string()
    }
}

#[derive(Deserialize)]
struct Shown {
    /// `unit`: with the unit's invoice title filled in.
    #[serde(default)]
    fill: String,
}

async fn one(site: &Site, ask: &AskNeeds, visitor: Visitor, (id, shown): (&str, Shown)) -> Reply {
    let mut order = store::order(&site.db, id, visitor.actor.person).await?;
    let needs = ask(site.clone(), visitor.actor.person).await;
    let unit = needs.as_ref().and_then(|n| n.invoice.clone());
    if let Some(unit) = unit.as_ref().filter(|_| shown.fill == "unit") {
        order.buyer = Buyer { title: unit.title.clone(), tax_number: unit.tax_number.clone() };
    }
    let refundable = refunds::open(site, &site.db, &order).await?;
    let invoices = store_bills::of_order(&site.db, id).await?;
    let seats = group::seats(site, &order).await?;
    let frame = Frame::of(site, &visitor, "/me", "page-order");
    html(&OrderPage { frame, order, refundable, invoices, unit, seats })
}

#[derive(Deserialize)]
struct Removal {
    course: String,
}

async fn remove(
    Extract(site): Extract<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(r): Form<Removal>,
) -> Reply {
    order::remove(&site, visitor.actor.person, &id, &r.course).await?;
    Ok(see_other(&format!("/orders/{id}")))
}

#[derive(Deserialize)]
struct Payer {
    #[serde(default)]
    title: String,
    #[serde(default)]
    tax_number: String,
}

async fn pay(
    Extract(site): Extract<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(p): Form<Payer>,
) -> Reply {
    let learner = visitor.actor.person;
    let buyer = Buyer { title: p.title, tax_number: p.tax_number };
    match order::pay(&site, learner, &id, buyer.clone()).await {
        Ok((_, page)) => Ok(see_other(&page)),
        Err(Error::Refused(problems)) if !problems.fields.is_empty() => {
            let mut order = store::order(&site.db, &id, learner).await?;
            order.buyer = buyer;
            let frame = Frame::of(&site, &visitor, "/me", "page-order").with_refusal(&problems);
            let (refundable, invoices) = (HashSet::new(), vec![]);
            html(&OrderPage { frame, order, refundable, invoices, unit: None, seats: vec![] })
        }
        Err(error) => Err(error.into()),
    }
}

async fn close(Extract(site): Extract<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    order::close(&site, visitor.actor.person, &id).await?;
    Ok(see_other("/orders"))
}

#[derive(Deserialize)]
struct Returning {
    /// The course, or the person of a group; all that is left without either.
    course: Option<String>,
    person: Option<String>,
}

async fn refund(site: &Site, buyer: PersonId, id: &str, (r, end): (Returning, EndLearning)) -> Reply {
    let course = r.course.map(|c| vec![c]);
    match r.person {
        Some(person) => refunds::ask_for(site, buyer, id, &[person], end).await?,
        None => refunds::ask(site, buyer, id, course.as_deref(), end).await?,
    }
    Ok(see_other(&format!("/orders/{id}")))
}

async fn inquire(Extract(site): Extract<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    questions::now(&site, visitor.actor.person, &id).await?;
    Ok(see_other(&format!("/orders/{id}")))
}

#[derive(Template)]
#[template(path = "orders/cashier.html")]
struct CashierPage {
    frame: Frame,
    payment: String,
    amount: Fen,
    order: String,
}

async fn cashier_page(Extract(site): Extract<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let payment = store::payment(&site.db, &id).await?;
    let order = store::order(&site.db, &payment.order, visitor.actor.person).await?;
    if payment.state != "pending" || order.state != State::Paying {
        return Ok(see_other(&format!("/orders/{}", order.id)));
    }
    let frame = Frame::of(&site, &visitor, "/me", "page-cashier");
    html(&CashierPage { frame, payment: id, amount: payment.amount, order: order.id })
}

async fn cashier_pays(Extract(site): Extract<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let tx = site.db.begin().await?;
    let payment = store::payment(&tx, &id).await?;
    let order = store::hold_of(&tx, &payment.order, visitor.actor.person).await?;
    till::pay(&site, &tx, (&id, payment.amount)).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/orders/{}", order.id)))
}
