"""The mappings that come along, on files with the columns of the programs that they are for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from adapters.imports.catalog import names, read_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.file_report import FileReport

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.bootstrap import Installation

PROGRAMS = {
    "shopify-orders": (
        (
            "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
            "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
            "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,"
            "Billing City,Billing Zip,Billing Country,Shipping Name,Shipping Street,Shipping Address1,"
            "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,"
            "Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,"
            "Id,Tags,Source"
        ),
        [
            "Name=#1;Email=a@b.org;Financial Status=paid;Created at=2016-05-01 10:00:00 +0200;Shipping Phone='+3161",
            "Name=#1;Email=a@b.org;Lineitem name=Box;Cancelled at=2016-05-02 10:00:00 +0200",
            "Name=#2;Email=a@b.org;Financial Status=voided;Created at=2016-05-01 10:00:00 +0200",
        ],
        {"collection": 1, "order_cancelled": 1},
    ),
    "shopify-customers": (
        (
            "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
            "Default Address Address1,Default Address Address2,Default Address City,"
            "Default Address Province Code,Default Address Country Code,Default Address Zip,"
            "Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags"
        ),
        ["Customer ID='123;Email=a@b.org;Accepts Email Marketing=yes", "Email=c@d.org;Accepts Email Marketing=no"],
        {},  # Nobody asked for anything, as far as the file says.
    ),
    "woocommerce-orders": (
        (
            "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),"
            "Company (Billing),Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),"
            "Country Code (Billing),Email (Billing),Phone (Billing),Item #,SKU,Quantity,Item Cost,"
            "Order Total Amount"
        ),
        [
            "Order Number=7;Order Status=Completed;Order Date=2016-05-01 10:00;Email (Billing)=a@b.org;Item #=1",
            "Order Number=7;Order Status=Completed;Order Date=2016-05-01 10:00;Email (Billing)=a@b.org;Item #=2",
            "Order Number=8;Order Status=Cancelled;Order Date=2016-05-01 10:00;Email (Billing)=a@b.org",
            "Order Number=9;Order Status=Failed;Order Date=2016-05-01 10:00;Email (Billing)=a@b.org",
        ],
        {"collection": 2, "order_cancelled": 1},
    ),
    "woocommerce-order-suite": (
        (
            "order_id,order_number,order_date,status,order_total,customer_id,billing_first_name,"
            "billing_last_name,billing_company,billing_email,billing_phone,billing_address_1,billing_address_2,"
            "billing_postcode,billing_city,billing_state,billing_country"
        ),
        [
            "order_number=7;status=completed;order_date=2016-05-01 10:00:00;customer_id=0;billing_email=a@b.org",
            "order_number=8;status=on-hold;order_date=9/6/2016 6:29:00;customer_id=0;billing_email=c@d.org",
        ],
        {"collection": 2},
    ),
    "mailchimp-subscribed": (
        (
            "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,"
            "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
        ),
        [
            "Email Address=a@b.org;OPTIN_TIME=2016-05-01 10:00:00;CONFIRM_TIME=2016-05-01 10:05:00",
            "Email Address=c@d.org;First Name=C;CONFIRM_TIME=2016-05-01 10:00:00",  # Added by hand.
        ],
        {"collection": 1},
    ),
    "mailchimp-unsubscribed": (
        (
            "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,GMTOFF,"
            "DSTOFF,TIMEZONE,CC,REGION,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,"
            "UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS"
        ),
        ["Email Address=a@b.org;UNSUB_TIME=2016-05-01 10:00:00"],
        {"opt_out": 1},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_export_of_a_program_is_imported(installation: Installation, tmp_path: Path, name: str) -> None:
    """Each with the columns that the program writes, in its order, and rows that were made up for the test."""
    header, written, kinds = PROGRAMS[name]
    columns = header.split(",")
    rows = [dict(cell.split("=", 1) for cell in row.split(";")) for row in written]
    assert all(row.keys() <= set(columns) for row in rows)
    content = "".join(f"{','.join(row.get(column, '') for column in columns)}\n" for row in rows)
    path = tmp_path / "export.csv"
    path.write_text(f"{header}\n{content}", encoding="utf-8")
    work = FileImport(installation, path, read_mapping(name), at=datetime(2016, 6, 1, tzinfo=UTC))
    work.register(work.survey())
    report = work.run(FileReport())
    assert (dict(report.kinds), report.rejected) == (kinds, 0)
    # The import registers the collection point; that its notice stood there is nowhere on record.
    assert set(report.findings) <= {("P03", "notice_not_live")}


def test_every_mapping_for_a_program_is_tried() -> None:
    """Those to be copied have no program."""
    assert set(PROGRAMS) == set(names()) - {"opt-outs", "orders"}
